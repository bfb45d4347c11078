// A minting call's body, read: the contract's request, as far as JSON, types and repeats go. What
// the values mean is api/validate's.
#pragma once

#include "api/attachments.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace filemint::api {

// Views into the body_parser that made it: good until its next parse(), independent of the text.
struct parsed_request {
  std::span<const std::string_view> paths;  // as sent; the first max_paths of them
  std::size_t path_count = 0;               // as sent, all of them
  std::optional<std::string_view> source;
  std::optional<std::int64_t> expires_in;  // seconds; what is above 63 bits is the greatest int64
  bool urls = false;
  bool partial = false;
  attachments download = {};       // the first max_paths of what an object names
  std::size_t download_count = 0;  // as sent, all that it names
};

// Spare bytes behind a text: with as many of them it is parsed where it stands, without a copy.
// They are read, not used.
inline constexpr std::size_t json_padding = 64;

// Pool it: after its largest text it allocates no more. One text at a time; not thread safe.
class body_parser {
public:
  static constexpr std::size_t max_depth = 64;

  body_parser();
  body_parser(body_parser&&) noexcept;
  body_parser& operator=(body_parser&&) noexcept;
  ~body_parser();

  // `text` lies in a buffer that has `capacity` readable bytes from text.data() on (capacity >=
  // text.size()). All of the text is checked, ignored members too, and at most max_paths paths are
  // kept. Errors: invalid_payload (details.field where a member is to blame) when it is no JSON
  // text (RFC 8259) in UTF-8, begins with a byte-order mark, is over max_depth levels deep, holds
  // an integer beyond 64 bits or a number beyond a double, is no object, or has a member of
  // the contract's table twice, of a wrong type, an empty filePaths, or a download that names a
  // path twice (among the first max_paths); then missing_required_field (details.field).
  // internal_server_error: no memory.
  [[nodiscard]] result<parsed_request> parse(std::string_view text, std::size_t capacity,
                                             std::size_t max_paths);

  // What it holds by now, and what it will hold for a text of that size when it is new: about 13
  // times the text.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  [[nodiscard]] static std::size_t memory_for(std::size_t text_bytes) noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace filemint::api
