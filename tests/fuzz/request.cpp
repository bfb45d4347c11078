// api/parse_request and api/validate: what is accepted is JSON to another parser too, with the same
// paths; no text is accepted that goes on or stops short; a parser that was used before says the
// same as a new one, with spare bytes behind the text or without; and what validate lets through is
// distinct, legal and within the limits, and of a partial call the rest is listed.
#include "api/validate.hpp"
#include "targets.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace filemint::fuzz {

namespace {

constexpr std::size_t max_paths = 20;

struct outcome {
  std::vector<std::string> paths = {};
  std::size_t path_count = 0;
  std::optional<std::string> source = {};
  std::optional<std::int64_t> expires_in = {};
  bool urls = false;
  bool partial = false;
  bool saved = false;
  std::vector<std::pair<std::string, std::string>> names = {};
  errc code{};

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome copy_of(const result<api::parsed_request>& parsed) {
  if (!parsed) return {.code = parsed.error().code};
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [path, name] : parsed->download.named()) names.emplace_back(path, name);
  return {.paths = {parsed->paths.begin(), parsed->paths.end()},
          .path_count = parsed->path_count,
          .source = parsed->source ? std::optional<std::string>{*parsed->source} : std::nullopt,
          .expires_in = parsed->expires_in,
          .urls = parsed->urls,
          .partial = parsed->partial,
          .saved = !parsed->download.none(),
          .names = std::move(names)};
}

bool accepts(std::string_view text) {
  const exact_copy bytes{text};
  return api::body_parser{}.parse(bytes.view(), bytes.view().size(), max_paths).has_value();
}

void check_parsed(const api::parsed_request& parsed, std::string_view text) {
  must(parsed.paths.size() == std::min(parsed.path_count, max_paths) && parsed.path_count > 0,
       "all paths, up to the limit");
  const auto other = nlohmann::json::parse(text, nullptr, false);
  must(other.is_object(), "another parser reads an object too");
  const auto& paths = other.at("filePaths");
  must(paths.size() == parsed.path_count, "another parser reads as many paths");
  for (std::size_t i = 0; i < parsed.paths.size(); ++i) {
    must(paths[i] == parsed.paths[i], "another parser reads the same paths");
  }
  const auto source = other.find("source");
  must(parsed.source ? *source == *parsed.source : source == other.end() || source->is_null(),
       "another parser reads the same source");
  const auto download = other.find("download");
  for (const auto& [path, name] : parsed.download.named())
    must(download->at(std::string{path}) == name, "another parser reads the same file names");
  must(!accepts(std::string{text} + "x"), "a text ends where its object ends");
  must(!accepts(text.substr(0, text.rfind('}'))), "a text does not stop short");
}

void check_valid(const api::mint_request& valid, const api::parsed_request& parsed,
                 const api::source_limits& limits) {
  must(parsed.path_count <= limits.max_paths, "no more paths than the limit");
  must(valid.expires_in >= std::chrono::seconds{1} && valid.expires_in <= limits.max_life,
       "a life within the source's");
  must(!parsed.expires_in || valid.expires_in.count() == *parsed.expires_in, "the life asked for");
  std::set<std::string_view> seen;
  std::vector<std::string_view> firsts;
  bool all_legal = true;
  for (const auto path : parsed.paths) {
    const bool legal = file_path::make(path).has_value();
    must(legal || parsed.partial, "each path is legal");
    all_legal = all_legal && legal;
    if (legal && seen.insert(path).second) firsts.push_back(path);
  }
  must(valid.failed.empty() == all_legal && !valid.paths.empty(), "the rest is listed");
  for (const auto path : valid.paths) {
    const auto name = valid.saved_as.name_of(path);
    must(!name || valid.saved_as.named().empty() || api::is_file_name(*name), "good file names");
  }
  must(std::ranges::equal(valid.paths, firsts, {}, &file_path::bytes),
       "each path once, where it stood first");
}

}  // namespace

void try_request(std::string_view input) {
  thread_local api::body_parser used;
  thread_local api::validate_scratch scratch;

  const exact_copy tight{input};
  const auto expected =
      copy_of(api::body_parser{}.parse(tight.view(), tight.view().size(), max_paths));
  const std::string roomy = std::string{input} + std::string(api::json_padding, '\xff');
  const auto parsed =
      used.parse(std::string_view{roomy}.substr(0, input.size()), roomy.size(), max_paths);
  must(copy_of(parsed) == expected, "the same with spare bytes, in a parser that was used before");
  if (!parsed) {
    must(parsed.error().code == errc::invalid_payload ||
             parsed.error().code == errc::missing_required_field,
         "the contract's codes");
    return;
  }
  const api::source_limits limits{.source = "magikarp",
                                  .max_paths = max_paths,
                                  .max_life = std::chrono::seconds{3'600},
                                  .signs_attachments = true};
  const auto valid = api::validate(*parsed, limits, scratch);
  if (valid) {
    check_valid(*valid, *parsed, limits);
  } else {
    must(valid.error().code == errc::unprocessable_entity && !valid.error().details.empty(),
         "a refusal says what is wrong");
  }
  check_parsed(*parsed, input);
}

}  // namespace filemint::fuzz
