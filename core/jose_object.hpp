// A JOSE header or a JWT claims set (RFC 7515 §4, RFC 7519 §4): one JSON object whose members'
// names are unique.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace filemint {

class jose_object {
public:
  static constexpr std::size_t max_members = 32;

  // Nothing unless the text is exactly one JSON object (RFC 8259, UTF-8 without a byte-order mark)
  // with at most max_members members, none of them twice.
  [[nodiscard]] static std::optional<jose_object> parse(std::string_view text);

  [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
  // Null: there is no such member, or it is not a string.
  [[nodiscard]] const std::string* text(std::string_view name) const noexcept;
  // Nothing: there is no such member, or it is not an integer of 64 bits (5.0 and 5e0 are none).
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const noexcept;

private:
  class reader;
  struct other {};  // a value of a type that no member we know has
  using value = std::variant<other, std::string, std::int64_t>;
  struct member {
    std::string name;
    value content;
  };

  [[nodiscard]] const value* find(std::string_view name) const noexcept;

  std::vector<member> members_;
};

}  // namespace filemint
