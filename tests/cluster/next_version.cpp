// The next version of filemint, as far as nodes of this one meet it: it speaks a newer protocol
// with peers beside today's, and its PostgreSQL schema is a step further. Linked with main.cpp into
// tests/filemint_next, where it stands for actors/cluster/peer_version.cpp, src/release.cpp and
// store/postgres/migrations.cpp.
#include "actors/cluster/peer_v1.hpp"
#include "src/release.hpp"

#include <vector>

#define known_migrations released_migrations
#include "store/postgres/migrations.cpp"  // NOLINT(bugprone-suspicious-include)
#undef known_migrations

namespace filemint {

constexpr std::string_view this_release = "0.1.0-next";

namespace actors::peer_v1 {

const std::uint32_t version = 2;
const std::uint32_t oldest = 1;

}  // namespace actors::peer_v1

namespace store::postgres {

std::span<const migration> known_migrations() noexcept {
  // Whoever knows the last step of today may work on it.
  static const auto all = [] {
    const auto released = released_migrations();
    std::vector<migration> known(released.begin(), released.end());
    known.push_back({R"(
CREATE TABLE filemint.next_version (name text COLLATE "C" PRIMARY KEY);
ALTER TABLE filemint.company ADD COLUMN next_version text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE filemint.api_key ADD COLUMN next_version text COLLATE "C" NOT NULL DEFAULT '';
)",
                     static_cast<int>(released.size())});
    return known;
  }();
  return all;
}

}  // namespace store::postgres

}  // namespace filemint
