// What BASP carries of a message between nodes.
#pragma once

#include "actors/cluster/peer_v1.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/message.hpp>
#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <string>
#include <vector>

namespace filemint::actors::testing {

class wire_test : public ::testing::Test {
protected:
  wire_test() { peer_v1::add_types(settings); }

  // The names of its types, then its values.
  std::vector<char> bytes_of(const caf::message& message) {
    if (!system) system.emplace(settings);
    std::vector<char> bytes;
    caf::binary_serializer sink{*system, bytes};
    EXPECT_FALSE(sink(message));
    return bytes;
  }
  caf::message message_of(const std::vector<char>& bytes) {
    caf::binary_deserializer source{*system, bytes};
    caf::message message;
    EXPECT_FALSE(source(message));
    return message;
  }

  // What is no letter, digit or one of a few signs is in hex.
  std::string sent(const caf::message& message) {
    std::string text;
    for (const auto byte : bytes_of(message)) {
      const auto c = static_cast<unsigned char>(byte);
      constexpr auto digits = "0123456789abcdef";
      if (std::isalnum(c) != 0 || c == '.' || c == '@' || c == '+' || c == '>') {
        text += byte;
      } else {
        text += {'<', digits[c >> 4], digits[c & 15]};
      }
    }
    return text;
  }

  caf::actor_system_config settings;
  std::optional<caf::actor_system> system;
};

}  // namespace filemint::actors::testing
