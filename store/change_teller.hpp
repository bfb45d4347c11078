// Tells other nodes what has changed in the store, from what this one has read.
#pragma once

#include "core/clock.hpp"
#include "store/change_part.hpp"
#include "store/follower.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace filemint::store {

// Holds an answer that has begun, one for each who asks, for a while. Thread safety: one thread.
class change_teller {
public:
  static constexpr std::chrono::seconds kept{10};  // an answer of which no part is asked for

  explicit change_teller(const follower& from) : from_(from) {}

  // Costs no more than a part. Errors: follower::changes_since's; service_unavailable: that part is
  // not the next one.
  [[nodiscard]] result<change_part> tell(const std::string& who, const change_question& asked,
                                         mono_time now);

private:
  struct answer {
    excerpt what;
    delta rows = {};  // what is still to be told, but for the companies and keys of a whole one
    std::chrono::microseconds age{0};
    std::uint32_t part = 0;  // the next one
    mono_time asked = {};
    // The next of each.
    std::uint32_t company = 0;
    std::size_t shard = 0;
    std::size_t row = 0;
  };
  result<answer> begin(const position& known, mono_time now) const;
  static change_part next(answer& of);

  const follower& from_;
  std::map<std::string, answer, std::less<>> answers_;
};

}  // namespace filemint::store
