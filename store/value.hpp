// The parameters of a store's statements.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace filemint::store {

using blob = std::span<const std::uint8_t>;

// Text that need not be UTF-8: a path.
struct path_text {
  std::string_view bytes;
};

// A statement's parameter; what it looks at must outlive the run.
class value {
public:
  using kinds = std::variant<std::monostate, std::int64_t, std::string_view, path_text, blob>;

  value() = default;  // NULL
  template <std::integral T>
  value(T number) : held_(static_cast<std::int64_t>(number)) {}
  value(std::string_view text) : held_(text) {}
  value(const std::string& text) : held_(std::string_view(text)) {}
  value(const char* text) : held_(std::string_view(text)) {}
  value(path_text text) : held_(text) {}
  value(blob bytes) : held_(bytes) {}
  template <class T>
  value(const std::optional<T>& perhaps) : value(perhaps ? value(*perhaps) : value()) {}

  [[nodiscard]] const kinds& held() const noexcept { return held_; }

private:
  kinds held_;
};

}  // namespace filemint::store
