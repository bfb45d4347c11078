// Where files lie: a source of the configuration. Plain data, part of `config`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace filemint {

// The longest that a source's max_life can be.
inline constexpr std::chrono::seconds longest_token_life = std::chrono::days{7};

enum class token_algorithm : std::uint8_t { hs256, eddsa };

struct source_config {
  std::string name = {};            // 1 to 32 of [a-z0-9_-]
  std::string type = "local";       // the backend's driver
  std::filesystem::path root = {};  // local: where its files lie
  bool check_exists = false;
  token_algorithm algorithm = token_algorithm::hs256;
  std::string public_url = {};  // what `urls` begins with; empty: the listener + /files/{source}/
  std::chrono::seconds default_life{300};
  std::chrono::seconds max_life{3'600};

  friend bool operator==(const source_config&, const source_config&) = default;
};

}  // namespace filemint
