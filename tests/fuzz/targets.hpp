// What the fuzzers try. Each target takes any bytes, and throws broken_invariant when one of its
// promises does not hold; it names them in its own file. ./dev fuzz runs one under libFuzzer, and
// the committed corpus goes through all of them in ./dev test.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace filemint::fuzz {

struct broken_invariant : std::logic_error {
  using std::logic_error::logic_error;
};

inline void must(bool holds, const char* promise) {
  if (!holds) throw broken_invariant(promise);
}

// The same bytes in a block of exactly their size: a read beyond the end is seen by ASan.
class exact_copy {
public:
  explicit exact_copy(std::string_view bytes)
      : bytes_(std::make_unique_for_overwrite<char[]>(bytes.size())), size_(bytes.size()) {
    bytes.copy(bytes_.get(), size_);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

void try_request(std::string_view input);
void try_path(std::string_view input);
void try_api_key(std::string_view input);
void try_token(std::string_view input);
void try_framing(std::string_view input);
void try_range(std::string_view input);
void try_config(std::string_view input);

struct target {
  std::string_view name;
  void (*run)(std::string_view);
};

inline constexpr std::array targets{
    target{"request", try_request}, target{"path", try_path},       target{"api_key", try_api_key},
    target{"token", try_token},     target{"framing", try_framing}, target{"range", try_range},
    target{"config", try_config},
};

}  // namespace filemint::fuzz
