#include "http/tls_server.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

namespace filemint::http {

result<std::unique_ptr<tls_server>> tls_server::open(tls_config settings, std::string name,
                                                     mono_time now) {
  std::unique_ptr<tls_server> made{new tls_server{std::move(settings), std::move(name), now}};
  if (auto done = made->reload(); !done) return std::unexpected(done.error());
  return made;
}

result<void> tls_server::reload() {
  const std::lock_guard lock{mutex_};
  return load(state_of_files());
}

std::optional<result<void>> tls_server::look() {
  const std::lock_guard lock{mutex_};
  const auto state = state_of_files();
  const bool still = std::exchange(seen_, state) == state;
  if (!still || state == tried_) return std::nullopt;
  return load(state);
}

tls_server::files_state tls_server::state_of_files() const {
  const auto state_of = [](const std::filesystem::path& file) {
    struct stat found{};
    if (file.empty() || ::stat(file.c_str(), &found) != 0) return file_state{};
    constexpr std::int64_t second = 1'000'000'000;
    return file_state{.inode = found.st_ino,
                      .size = static_cast<std::uint64_t>(found.st_size),
                      .modified_ns = found.st_mtim.tv_sec * second + found.st_mtim.tv_nsec};
  };
  return {state_of(settings_.certificate), state_of(settings_.key), state_of(settings_.client_ca)};
}

result<void> tls_server::load(const files_state& of) {
  tried_ = of;
  seen_ = of;
  auto made = tls_context::make(settings_, tickets_);
  if (!made) return std::unexpected(made.error());
  context_ = std::move(*made);
  return {};
}

}  // namespace filemint::http
