// Bytes that must not be seen: wiped when they go, without operator<<, compared in constant time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace filemint {

// Move-only; a moved-from secret is empty and wiped. Thread safety: as a string's.
class secret {
public:
  secret() = default;
  // Takes the bytes over and wipes what is left of them in `bytes`, which is why it wants an
  // rvalue.
  explicit secret(std::string&& bytes) noexcept;
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  ~secret();

  [[nodiscard]] secret clone() const;
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  // The one way to the bytes: its name is what a review looks for.
  [[nodiscard]] std::string_view reveal() const noexcept { return bytes_; }

private:
  std::string bytes_;
};

// Overwrites all that the string has room for and empties it.
void wipe(std::string& bytes) noexcept;

// In constant time for equal lengths.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool equal_secrets(std::span<const std::uint8_t> a,
                                 std::span<const std::uint8_t> b) noexcept;

}  // namespace filemint
