#include "src/cli/source_trial.hpp"

#include "core/file_path.hpp"
#include "src/cli/url.hpp"
#include "src/node.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace filemint::cli {
namespace {

// Whether it is there is the storage's to tell, and nobody calls a file so.
constexpr const char* no_file = "filemint-source-test";

void try_endpoint(const trial_terms& trial, const source_config& source, std::string_view about,
                  std::vector<finding>& found) {
  const auto bad = [&](std::string_view what, std::string why) {
    found.push_back({std::string{what}, verdict::bad, std::move(why)});
  };
  const auto signer = node::make_backend(trial.settings, source);
  if (!signer) return bad("credentials", signer.error().message);
  const auto life = std::min(std::chrono::seconds{60}, source.max_life);
  const auto url = signed_url(**signer, source, trial.path.empty() ? no_file : trial.path, {},
                              {.company = "source-test",
                               .key_id = "source-test",
                               .issued_at = trial.now - source.backdate,
                               .expires_at = trial.now + life});
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
  const auto signer = node::make_backend(trial.settings, trial.source);
  if (!signer) return {{"credentials", verdict::bad, signer.error().message}};
  found.push_back({"credentials", verdict::good, "the credentials were read, and sign"});
  try_endpoint(trial, trial.source, trial.path.empty() ? "signature" : "download", found);
  const auto& bucket = trial.source.bucket;
  if (!bucket.endpoint.empty() && bucket.endpoint != bucket.endpoint_of_clients()) {
    auto of_node = trial.source;  // signed for the host that the node asks
    of_node.bucket.public_endpoint = bucket.endpoint;
    try_endpoint(trial, of_node, "endpoint", found);
  }
  return found;
}

result<std::string> signed_url(const backends::backend& signer, const source_config& source,
                               std::string_view path, const snapshot& known,
                               const backends::mint_terms& terms) {
  const auto checked = file_path::make(path, source.rules);
  if (!checked) return fail(errc::invalid_argument, "that is no path that a client could ask for");
  if (const auto holds = signer.holds(); holds != nullptr && !holds(*checked)) {
    return fail(errc::invalid_argument, "this storage can't hold a file of that name");
  }
  const auto batch = signer.begin(known, terms);
  if (!batch) return std::unexpected(batch.error());
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
