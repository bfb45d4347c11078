#include "backends/credentials/answers.hpp"

#include "core/http_date.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace filemint::backends {

std::unexpected<error> unusable(std::string_view who, std::string_view why) {
  return fail(errc::service_unavailable, std::string{who}.append(" ").append(why));
}

// Without digits: no key is like that.
std::string fault_word(std::string_view text) {
  const bool plain = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
  });
  return plain ? " (" + std::string{text} + ")" : std::string{};
}

result<nlohmann::json> read_json(std::string_view who, const remote_answer& answer) {
  auto object = nlohmann::json::parse(answer.body, nullptr, false);
  if (object.is_object()) return object;
  return unusable(who, "answered something that is not a JSON object");
}

result<secret> take_text(std::string_view who, nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string() ||
      found->get_ref<const std::string&>().empty()) {
    return unusable(who, std::string{"answered without a "} + name);
  }
  return secret{std::move(found->get_ref<std::string&>())};
}

bool is_field_text(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

result<wall_time> end_here(std::string_view who, const remote_answer& answer, wall_time ends,
                           wall_time now) {
  auto here = ends;
  const auto theirs = parse_http_date(answer.field("Date"), now);
  if (theirs) here = std::min(here, now + (ends - *theirs));
  if (here > now) return here;
  auto why = "gave credentials that ended at " + rfc3339(ends);
  if (theirs && *theirs < ends) {
    why += ": it is " + rfc3339(*theirs) + " there and " + rfc3339(now) + " here";
  }
  return unusable(who, why);
}

}  // namespace filemint::backends
