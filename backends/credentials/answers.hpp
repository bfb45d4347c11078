// What the answers of those who give out credentials have in common. Errors are renewal's:
// service_unavailable, with a sentence that begins with `who` and holds nothing of a credential.
#pragma once

#include "backends/remote_call.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace filemint::backends {

[[nodiscard]] std::unexpected<error> unusable(std::string_view who, std::string_view why);

// The vendor's word for what was wrong, in brackets and with a blank before it; or nothing: a text
// that is not a plain word may hold anything.
[[nodiscard]] std::string fault_word(std::string_view text);

// A JSON object. Its own copies are not wiped: take out what is secret.
[[nodiscard]] result<nlohmann::json> read_json(std::string_view who, const remote_answer& answer);
// A member that is a string and not empty; it is moved out.
[[nodiscard]] result<secret> take_text(std::string_view who, nlohmann::json& object,
                                       const char* name);

// Whether it can stand in a header field as it is: visible ASCII, not empty.
[[nodiscard]] bool is_field_text(std::string_view text) noexcept;

// When what was given until `ends`, by the giver's clock, ends by this node's: the earlier of that
// very time and, where the answer has a Date, of now and the time that is left by the giver's
// clock. Error: it has ended.
[[nodiscard]] result<wall_time> end_here(std::string_view who, const remote_answer& answer,
                                         wall_time ends, wall_time now);

}  // namespace filemint::backends
