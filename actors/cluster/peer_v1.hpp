// What nodes say to each other, version 1: each message with its name on the wire and a sentence.
// Names and members of a version never change: what is new is a message of its own name, sent to
// peers whose hello tells that they know it. tests/unit/cluster/peer_v1_test.cpp holds the bytes.
#pragma once

#include <caf/fwd.hpp>
#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace filemint::actors::peer_v1 {

// Given when a binary is linked, so that tests have one of the next version
// (tests/cluster/next_version.cpp).
extern const std::uint32_t version;
extern const std::uint32_t oldest;  // that this node still speaks

// The first message in each direction of a link; the dialler's carries the ticket that the
// accepting node gave it over that link, the other one's is zero.
struct hello {
  static constexpr const char* wire_name = "fm1.hello";
  std::string name;
  std::uint32_t version = 0;
  std::uint32_t oldest = 0;
  std::uint64_t incarnation = 0;
  std::string release;
  std::uint64_t ticket_high = 0;
  std::uint64_t ticket_low = 0;
};

// I am there: each 250 ms to each peer. `heard` is the last sequence that I had of yours (0: none),
// so many microseconds ago.
struct heartbeat {
  static constexpr const char* wire_name = "fm1.heartbeat";
  std::string name;
  std::uint32_t version = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t sequence = 0;
  std::uint64_t heard = 0;
  std::uint64_t heard_ago_us = 0;
};

// I end by intent: do not wait for me.
struct goodbye {
  static constexpr const char* wire_name = "fm1.goodbye";
  std::string name;
  std::uint64_t incarnation = 0;
};

// Say that you have taken up what I sent before this.
struct ping {
  static constexpr const char* wire_name = "fm1.ping";
  std::uint64_t call = 0;
};

// I have, by the number of your ping.
struct pong {
  static constexpr const char* wire_name = "fm1.pong";
  std::uint64_t call = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hello& x) {
  return f(caf::meta::type_name(hello::wire_name), x.name, x.version, x.oldest, x.incarnation,
           x.release, x.ticket_high, x.ticket_low);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, heartbeat& x) {
  return f(caf::meta::type_name(heartbeat::wire_name), x.name, x.version, x.incarnation, x.sequence,
           x.heard, x.heard_ago_us);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, goodbye& x) {
  return f(caf::meta::type_name(goodbye::wire_name), x.name, x.incarnation);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ping& x) {
  return f(caf::meta::type_name(ping::wire_name), x.call);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pong& x) {
  return f(caf::meta::type_name(pong::wire_name), x.call);
}

// An actor system that is to speak it needs its types, before it is made.
void add_types(caf::actor_system_config& settings);

}  // namespace filemint::actors::peer_v1
