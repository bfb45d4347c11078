#include "tests/unit/core/cluster_history.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace filemint::testing {
namespace {

constexpr auto start_of_load = 3s;
constexpr auto end_of_history = 100s;

class history {
public:
  history(std::uint64_t seed, fault_kind kind)
      : kind_(kind), random_(seed ^ 0x5eed), world_(setup(seed, kind)) {
    for (std::size_t c = 0; c < limits_.size(); ++c) load(c);
    faults(kind);
  }

  history_result run() {
    world_.run_until(end_of_history);
    history_result result{.told = {}, .waits = {}, .seen = world_.seen};
    for (std::size_t c = 0; c < limits_.size(); ++c) {
      const auto fullest = world_.fullest(c).calls;
      result.admitted += world_.admitted(c, 0s, end_of_history + 1s);
      result.fullest_parts = std::max(result.fullest_parts, fullest * 1'000 / limits_[c]);
      const auto& lost = world_.lost_with_kills(c);
      // Cut off from all others, more than a tick of what it gives is unknown to them.
      const bool took_a_tick = lost.beyond_a_tick == 0 || kind_ != fault_kind::kill;
      if (world_.seen.timed_out != 0) result.waits += world_.history(c);
      if (fullest <= limits_[c] + lost.calls && took_a_tick) continue;
      if (!took_a_tick) result.told += "killed nodes took more than a tick with them\n";
      result.kept = false;
      result.told += world_.history(c);
    }
    return result;
  }

private:
  world_setup setup(std::uint64_t seed, fault_kind kind) {
    limits_ = {600};
    if (below(3) == 0) limits_.push_back(60'000);
    if (below(4) == 0) limits_.push_back(1 + below(9'000));
    nodes_ = 3 + (below(4) == 0 ? 1 + below(2) : 0);
    slowest_ = 1ms + below(4) * 1ms;
    if (kind == fault_kind::slow || (kind == fault_kind::mixed && below(3) == 0)) {
      slowest_ = 20ms + below(180) * 1ms;
    }
    return {
        .nodes = nodes_,
        .limits = limits_,
        .seed = seed,
        .fastest = slowest_ / 4,
        .slowest = slowest_,
        .lost_per_mille = static_cast<std::uint32_t>(
            kind == fault_kind::loss || (kind == fault_kind::mixed && below(4) == 0) ? 1 + below(30)
                                                                                     : 0)};
  }

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  nanoseconds between(nanoseconds from, nanoseconds to) {
    return from + nanoseconds{below(static_cast<std::uint64_t>((to - from).count()))};
  }

  // Quiet times, steady ones and crowds that come at once.
  void load(std::size_t company) {
    const auto limit = limits_[company];
    for (auto t = nanoseconds{start_of_load}; t < end_of_history;) {
      const auto length = between(500ms, 12s);
      const auto node = below(nodes_);
      const auto pace = below(5);
      if (pace == 1) {
        const auto crowd = static_cast<std::uint32_t>(1 + limit * (1 + below(12)) / 10);
        world_.at(t, [this, node, company, crowd] { world_.call(node, company, crowd); });
      } else if (pace > 1) {
        const auto step = limit > 10'000 ? 100ms : 250ms;
        const auto rate = limit * (1 + below(40)) / 600;  // calls a second
        const bool everywhere = below(2) == 0;
        for (auto s = t; s < t + length; s += step) {
          const auto at_node = everywhere ? below(nodes_) : node;
          const auto calls = rate * static_cast<std::uint64_t>(step / 1ms) / 1'000 + below(2);
          if (calls == 0) continue;
          world_.at(s, [this, at_node, company, calls] {
            world_.call(at_node, company, static_cast<std::uint32_t>(calls));
          });
        }
      }
      t += length;
    }
  }

  void faults(fault_kind kind) {
    const auto one_of = [&](auto... kinds) {
      const std::vector<fault_kind> all{kinds...};
      return all[below(all.size())];
    };
    const auto count = kind == fault_kind::mixed ? 2 + below(4) : 1 + below(2);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto one = kind == fault_kind::mixed
                           ? one_of(fault_kind::cut, fault_kind::one_way, fault_kind::links,
                                    fault_kind::kill, fault_kind::roll)
                           : kind;
      const auto from = between(5s, 70s);
      const auto to = from + between(100ms, below(2) == 0 ? nanoseconds{4s} : nanoseconds{50s});
      fault(one, from, to);
    }
  }

  void fault(fault_kind kind, nanoseconds from, nanoseconds to) {
    const auto name = [](std::size_t n) { return "node-" + std::to_string(n); };
    const auto one = below(nodes_);
    if (kind == fault_kind::cut) {
      std::vector<bool> side;
      for (std::size_t n = 0; n < nodes_; ++n) side.push_back(below(2) == 0);
      std::string sides;
      for (std::size_t n = 0; n < nodes_; ++n) sides += side[n] ? "A" : "B";
      const auto set = [this, side](bool yes) {
        for (std::size_t a = 0; a < nodes_; ++a) {
          for (std::size_t b = 0; b < nodes_; ++b) {
            if (side[a] != side[b]) world_.cut(a, b, yes);
          }
        }
      };
      world_.at(from, [set] { set(true); }, "cut: " + sides);
      world_.at(to, [set] { set(false); }, "healed: " + sides);
    } else if (kind == fault_kind::one_way || kind == fault_kind::links) {
      for (std::uint64_t i = 0; i <= below(nodes_); ++i) {
        const auto a = below(nodes_), b = below(nodes_);
        if (a == b) continue;
        const bool both = kind == fault_kind::links;
        const auto told = name(a) + (both ? " and " : " to ") + name(b);
        const auto set = [this, a, b, both](bool yes) {
          world_.cut(a, b, yes);
          if (both) world_.cut(b, a, yes);
        };
        world_.at(from, [set] { set(true); }, "cut: " + told);
        world_.at(to, [set] { set(false); }, "healed: " + told);
      }
    } else if (kind == fault_kind::kill) {
      world_.at(from, [this, one] { world_.kill(one); }, "killed: " + name(one));
      if (below(4) != 0) {
        world_.at(to, [this, one] { world_.start(one); }, "started: " + name(one));
      }
    } else if (kind == fault_kind::roll) {
      world_.at(from, [this, one] { world_.drain(one); }, "drained: " + name(one));
      world_.at(from + 6s, [this, one] { world_.start(one); }, "started: " + name(one));
    }
  }

  fault_kind kind_;
  std::mt19937_64 random_;
  std::vector<std::uint64_t> limits_;
  std::size_t nodes_ = 3;
  nanoseconds slowest_{};
  cluster_world world_;
};

}  // namespace

history_result run_history(std::uint64_t seed, fault_kind kind) {
  return history{seed, kind}.run();
}

}  // namespace filemint::testing
