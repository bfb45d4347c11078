#include "src/cli/source_trial.hpp"

#include "core/file_path.hpp"
#include "src/cli/url.hpp"
#include "src/node.hpp"
#include "src/renewals.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace filemint::cli {
namespace {

// Whether it is there is the storage's to tell, and nobody calls a file so.
constexpr const char* no_file = "filemint-source-test";

// With credentials, where a cloud gives them out.
result<std::shared_ptr<const backends::backend>> signer_of(const trial_terms& trial,
                                                           const source_config& source) {
  if (!source.bucket.renews_credentials()) return node::make_backend(trial.settings, source);
  const auto opened = open_renewals(source);
  if (!opened) return std::unexpected(opened.error());
  const auto renewal = opened->make();
  auto request = renewal->begin(trial.now);
  while (request) {
    const auto whom = request->to.host;
    auto answer = trial.ask(std::move(*request));
    if (!answer) {
      return fail(errc::service_unavailable,
                  whom + " " + std::string{actors::sentence_of(answer.error())});
    }
    auto step = renewal->take(*answer, trial.now);
    if (!step) return std::unexpected(step.error());
    if (auto* const came = std::get_if<backends::renewed>(&*step)) return std::move(came->by);
    request = std::get<backends::remote_request>(std::move(*step));
  }
  return std::unexpected(request.error());
}

void try_endpoint(const trial_terms& trial, const source_config& source, std::string_view about,
                  std::vector<finding>& found) {
  const auto bad = [&](std::string_view what, std::string why) {
    found.push_back({std::string{what}, verdict::bad, std::move(why)});
  };
  const auto signer = signer_of(trial, source);
  if (!signer) return bad("credentials", signer.error().message);
  const auto life = std::min(std::chrono::seconds{60}, source.max_life);
  const auto url = signed_url(**signer, source, trial.path.empty() ? no_file : trial.path, {},
                              {.company = "source-test",
                               .key_id = "source-test",
                               .issued_at = trial.now - source.backdate,
                               .expires_at = trial.now + life},
                              &trial.ask);
  if (!url) return bad("path", url.error().message);
  auto request = first_byte_of(*url);
  const auto host = request.to.host;
  const storage_question asked{.source = source,
                               .host = host,
                               .is_there = !trial.path.empty(),
                               .about = about,
                               .now = trial.now};
  const auto answer = trial.ask(std::move(request));
  if (!answer) {
    found.push_back(explain(asked, answer.error()));
    return;
  }
  std::ranges::move(explain(asked, *answer), std::back_inserter(found));
}

}  // namespace

std::vector<finding> try_storage(const trial_terms& trial) {
  std::vector<finding> found;
  const auto signer = signer_of(trial, trial.source);
  if (!signer) return {{"credentials", verdict::bad, signer.error().message}};
  const bool came = trial.source.bucket.renews_credentials();
  found.push_back({"credentials", verdict::good,
                   came ? "the cloud gave credentials" : "the credentials were read, and sign"});
  try_endpoint(trial, trial.source, trial.path.empty() ? "signature" : "download", found);
  const auto& bucket = trial.source.bucket;
  const auto& node_asks = bucket.endpoint_of_node(trial.source.type);
  if (node_asks != bucket.endpoint_of_clients()) {
    auto of_node = trial.source;  // signed for that host
    of_node.bucket.public_endpoint = node_asks;
    try_endpoint(trial, of_node, "endpoint", found);
  }
  return found;
}

result<std::string> signed_url(const backends::backend& signer, const source_config& source,
                               std::string_view path, const snapshot& known,
                               const backends::mint_terms& terms, const asker* ask) {
  const auto checked = file_path::make(path, source.rules);
  if (!checked) return fail(errc::invalid_argument, "that is no path that a client could ask for");
  if (const auto holds = signer.holds(); holds != nullptr && !holds(*checked)) {
    return fail(errc::invalid_argument, "this storage can't hold a file of that name");
  }
  const auto batch = signer.begin(known, terms);
  if (!batch) return std::unexpected(batch.error());
  if (auto* const remote = (*batch)->remote()) {
    const auto answer =
        ask == nullptr ? std::unexpected(actors::fetch_fault::busy) : (*ask)(remote->ask(*checked));
    if (!answer) return fail(errc::service_unavailable, "who signs cannot be asked");
    if (auto taken = remote->take(*checked, *answer); !taken) {
      return std::unexpected(taken.error());
    }
  }
  const auto form = signer.urls();
  std::string url{form.public_url.empty() ? std::string_view{source.public_url} : form.public_url};
  if (!url.ends_with('/')) url += '/';
  url += api::percent_encode(path, form.path);
  url += form.before_token;
  const auto before = url.size();
  url.resize(before + (*batch)->token_size(*checked));
  auto* end = url.data() + before;
  (*batch)->sign({&*checked, 1}, {&end, 1});
  url.resize(static_cast<std::size_t>(end - url.data()));
  return url;
}

backends::remote_request first_byte_of(const std::string& url) {
  backends::remote_request request;
  request.fields = {{"Range", "bytes=0-0"}};
  const auto parsed = url::parse(url);
  if (!parsed) return request;  // to nowhere: it can't be reached
  request.to = {.secure = parsed->tls, .host = parsed->host, .port = 0};
  std::from_chars(parsed->port.data(), parsed->port.data() + parsed->port.size(), request.to.port);
  request.target = parsed->target;
  return request;
}

}  // namespace filemint::cli
