#include "src/storage_signers.hpp"

#include "backends/renewable.hpp"
#include "src/renewals.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

storage_signers::made_backend storage_signers::open(const source_config& source,
                                                    source_credentials::maker make) {
  if (source.bucket.renews_credentials()) return open_renewed(source);
  return given_.emplace_back(source, std::move(make)).open();
}

storage_signers::made_backend storage_signers::open_renewed(const source_config& source) {
  if (!clouds_) {
    auto started = http::client_pool::start(
        {.max_connections = http::signature_terms{}.at_once * sources_});  // Google is one origin
    if (!started) return std::unexpected(started.error());
    clouds_ = std::move(*started);
  }
  if (source.bucket.signer == gcs_signer::sign_blob) signed_remotely_.push_back(source.name);
  auto opened = open_renewals(source);
  if (!opened) return std::unexpected(opened.error());
  auto signer = std::make_unique<backends::renewable>(std::move(opened->first), wall_time::min());
  const auto report = [&log = log_, name = source.name](bool wrong, std::string_view what) {
    if (wrong) return log.warn(what, {{"source", name}});
    log.info(what, {{"source", name}});
  };
  renewed_.emplace_back(
      source.name,
      actors::credential_terms{
          .make = std::move(opened->make), .signer = *signer, .ask = *clouds_, .report = report});
  return signer;
}

std::vector<read_from_files> storage_signers::watched() {
  std::vector<read_from_files> all;
  for (auto& each : given_) all.push_back(each.watched(log_));
  return all;
}

void storage_signers::stop() {
  if (clouds_) clouds_->stop();
}

actors::remote_signer* storage_signers::remote() {
  if (signed_remotely_.empty()) return nullptr;
  remote_ = std::make_unique<http::remote_signatures>(
      *clouds_, signed_remotely_,
      http::signature_terms{.warn = [&log = log_](std::string_view source, std::string_view what) {
        log.warn(what, {{"source", source}});
      }});
  return remote_.get();
}

void storage_signers::keep_at(actors::core_context& core) {
  for (auto& each : renewed_) core.kept.push_back(&each.what);
}

bool storage_signers::all_tried() const noexcept {
  return std::ranges::all_of(renewed_,
                             [](const renewed_source& each) { return each.what.tried.load(); });
}

std::vector<http::health_check> storage_signers::health_checks() const {
  std::vector<http::health_check> checks;
  for (const auto& each : renewed_) {
    checks.push_back(
        {"credentials." + each.name, [&what = each.what](std::move_only_function<void(bool)> done) {
           done(what.are_good(wall_now()));
         }});
  }
  return checks;
}

std::vector<metrics::credential_numbers> storage_signers::numbers() const {
  std::vector<metrics::credential_numbers> out;
  for (const auto& [name, what] : renewed_) {
    auto& of = out.emplace_back();
    of.backend = name;
    const auto renewed = what.renewed.load();
    if (renewed != wall_time::min()) {
      of.age_seconds = static_cast<double>((wall_now() - renewed).count());
      of.expiry_seconds = static_cast<double>(unix_seconds(what.ends.load()));
    }
    for (std::size_t i = 0; i < what.outcomes.size(); ++i) {
      of.renewals.emplace_back(actors::renewal_outcome_names[i], what.outcomes[i].load());
    }
  }
  return out;
}

}  // namespace filemint
