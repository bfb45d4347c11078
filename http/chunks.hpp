// Takes the chunked coding off a body (RFC 9112 §7.1), strictly: no sign, space or 0x in a size, no
// trailer, extensions ignored up to 256 bytes a chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace filemint::http {

enum class chunk_verdict : std::uint8_t { need_more, bad, data, end };

struct chunk_step {
  chunk_verdict verdict = chunk_verdict::need_more;
  std::size_t consumed = 0;  // of the bytes given: call again with what follows
  std::string_view data =
      {};  // with `data`: a piece of the body, never empty, within the bytes given
};

// One a body. Not thread safe.
class chunk_decoder {
public:
  static constexpr std::size_t max_extension_bytes = 256;

  // Until `end` (whose bytes are consumed too) or `bad`. With need_more, what was not consumed is
  // given again.
  [[nodiscard]] chunk_step next(std::string_view bytes) noexcept;

private:
  enum class place : std::uint8_t { size_line, data, after_data, last_line };
  chunk_step read_size_line(std::string_view bytes) noexcept;

  place place_ = place::size_line;
  std::uint64_t left_ = 0;  // of the current chunk
};

}  // namespace filemint::http
