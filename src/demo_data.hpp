// What a demo stands on: a folder with a configuration, a master key, a store with companies,
// grants and a fresh API key, and files.
#pragma once

#include "core/config/config.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <filesystem>
#include <utility>

namespace filemint {

// A temporary folder goes with it. Move-only.
class demo_data {
public:
  // `folder`: kept, and used again if there is a demo in it; empty: a fresh temporary one. Errors:
  // io_failed, the store's.
  [[nodiscard]] static result<demo_data> make(const std::filesystem::path& folder);
  demo_data(demo_data&& other) noexcept
      : folder_(std::exchange(other.folder_, {})),
        temporary_(other.temporary_),
        key_(std::move(other.key_)) {}
  demo_data& operator=(demo_data&&) = delete;
  ~demo_data();

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] std::filesystem::path config_file() const { return folder_ / "filemint.yaml"; }
  [[nodiscard]] const secret& key() const noexcept { return key_; }
  [[nodiscard]] config settings() const;

private:
  demo_data(std::filesystem::path folder, bool temporary)
      : folder_(std::move(folder)), temporary_(temporary) {}
  result<void> fill();

  std::filesystem::path folder_;
  bool temporary_;
  secret key_;
};

}  // namespace filemint
