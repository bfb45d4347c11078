// Which live tokens were ended before their time by `filemint token revoke`.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

enum class revocation_kind : std::uint8_t { jti, key, company, path, prefix };

// Ends tokens that were issued up to a time: one token, or those of an API key, of a company, of a
// path, or of all paths below a prefix of whole segments.
struct revocation {
  revocation_kind kind = revocation_kind::jti;
  std::string source;        // path, prefix: on this source; otherwise empty
  std::string value;         // prefix: without a trailing '/'; empty: every path of the source
  wall_time issued_until{};  // the last `iat` that is ended; a jti is ended whatever its `iat`
  wall_time forget_at{};     // from then on all tokens that it ends have expired

  friend bool operator==(const revocation&, const revocation&) = default;
};

// What a token is ended by. Views.
struct token_marks {
  std::string_view jti;
  std::string_view key_id;
  std::string_view company;
  std::string_view source;
  std::string_view path;
  wall_time issued_at;
};

// All revocations that a node knows. Immutable, thread safe; a copy shares.
class revocations {
public:
  revocations() = default;

  // A few hash look-ups, and one for each segment of the path where its source has prefixes. Time
  // does not count here: who holds a revocation longer than needed refuses nothing that lives.
  [[nodiscard]] bool end(const token_marks& token) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::vector<revocation> all() const;  // in no order

  // Both copy all there is: for a change, not for a request. Of two on the same value the later
  // times count.
  [[nodiscard]] revocations with(std::span<const revocation> added) const;
  [[nodiscard]] revocations without_forgotten(wall_time at) const;

private:
  struct tables;
  explicit revocations(std::shared_ptr<const tables> held) noexcept : held_(std::move(held)) {}

  std::shared_ptr<const tables> held_;  // null: none
};

}  // namespace filemint
