// What an object store's answer to a signed request says about its source's configuration, in words
// for an operator: which key, permission, region or clock is wrong. Of an answer's body no more
// than a vendor's code and the names of regions, buckets and permissions is told: some quote
// signatures.
#pragma once

#include "actors/fetcher.hpp"
#include "backends/remote_call.hpp"
#include "core/clock.hpp"
#include "core/config/source_config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::cli {

enum class verdict : std::uint8_t { good, doubtful, bad };

[[nodiscard]] std::string_view name_of(verdict how) noexcept;

struct finding {
  std::string about;  // a word or two: credentials, clock, download
  verdict how = verdict::good;
  std::string says;  // a sentence without its full stop
};

// A request for a file's first byte, signed by the source's credentials.
struct storage_question {
  const source_config& source;
  std::string_view host;        // that was asked
  bool is_there = true;         // the file should be; false: a name that nobody has given one
  std::string_view about = {};  // of the finding
  wall_time now{};              // when it was asked
};

// The finding, and before it one on the storage's clock where that differs by ten seconds and more.
[[nodiscard]] std::vector<finding> explain(const storage_question& asked,
                                           const backends::remote_answer& answer);
[[nodiscard]] finding explain(const storage_question& asked, actors::fetch_fault fault);

}  // namespace filemint::cli
