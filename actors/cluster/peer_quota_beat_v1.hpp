// What nodes tell each other about quotas without being asked, in version 1: the form that
// core/cluster/peer_heartbeat.hpp has on the wire. See peer_v1.hpp for what may change, and
// peer_quota_v1.hpp for the ways there and back.
#pragma once

#include <caf/meta/type_name.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace filemint::actors::peer_v1 {

// Its members in the order of the wire.
template <class Part>
concept quota_part_of_wire = requires(Part& part) {
  { Part::wire_name } -> std::convertible_to<const char*>;
  part.members();
};

template <class Inspector, quota_part_of_wire Part>
typename Inspector::result_type inspect(Inspector& f, Part& x) {
  return std::apply(
      [&](auto&... each) { return f(caf::meta::type_name(Part::wire_name), each...); },
      x.members());
}

// A key's count of a day, which is counted from 1970-01-01.
struct quota_day {
  static constexpr const char* wire_name = "fm1.quota_day";
  std::string key;
  std::int64_t day = 0;
  std::uint64_t calls = 0;
  auto members() { return std::tie(key, day, calls); }
};

struct quota_entry {
  static constexpr const char* wire_name = "fm1.quota_entry";
  std::string company;
  std::uint64_t calls = 0;
  std::uint64_t leased = 0;
  std::uint64_t tokens = 0;
  std::int64_t age_ns = 0;
  std::vector<quota_day> days;
  auto members() { return std::tie(company, calls, leased, tokens, age_ns, days); }
};

struct quota_part {
  static constexpr const char* wire_name = "fm1.quota_part";
  std::string giver;
  std::uint64_t incarnation = 0;
  std::uint64_t first = 0;
  bool oldest = false;
  std::vector<quota_entry> entries;
  auto members() { return std::tie(giver, incarnation, first, oldest, entries); }
};

struct quota_position {
  static constexpr const char* wire_name = "fm1.quota_position";
  std::string giver;
  std::uint64_t incarnation = 0;
  std::uint64_t position = 0;
  auto members() { return std::tie(giver, incarnation, position); }
};

// Whom I hear and have as owners, what I know of all logs, and what is new in them.
struct quota_beat {
  static constexpr const char* wire_name = "fm1.quota_beat";
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;
  std::uint64_t confirmed_of = 0;
  std::uint64_t confirmed = 0;
  bool prompt = false;
  std::uint64_t version = 0;
  std::uint64_t effective = 0;
  std::vector<std::string> candidates;
  std::vector<std::string> hears;
  std::vector<std::string> dropped;
  bool seasoned = false;
  bool leaving = false;
  std::vector<quota_position> known;
  std::vector<quota_part> parts;
  auto members() {
    return std::tie(name, incarnation, number, confirmed_of, confirmed, prompt, version, effective,
                    candidates, hears, dropped, seasoned, leaving, known, parts);
  }
};

// I am out at once and give nothing any more.
struct quota_goodbye {
  static constexpr const char* wire_name = "fm1.quota_goodbye";
  std::string name;
  std::uint64_t incarnation = 0;
  auto members() { return std::tie(name, incarnation); }
};

}  // namespace filemint::actors::peer_v1
