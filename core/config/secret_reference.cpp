#include "core/config/secret_reference.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace filemint {
namespace {

constexpr std::string_view file_scheme = "file:";
constexpr std::string_view env_scheme = "env:";

bool is_variable_name(std::string_view name) noexcept {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string_view::npos;
}

result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const int why = errno;
    return fail(why == ENOENT ? errc::not_found : errc::io_failed,
                path + ": " + std::generic_category().message(why));
  }
  std::string bytes(max_secret_bytes + 1, '\0');
  std::size_t size = 0;
  ssize_t n = 1;
  while (size < bytes.size() && n > 0) {
    n = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (n > 0) size += static_cast<std::size_t>(n);
  }
  const int why = errno;
  ::close(fd);
  if (n < 0) return fail(errc::io_failed, path + ": " + std::generic_category().message(why));
  bytes.resize(size);
  return bytes;
}

}  // namespace

bool is_secret_reference(std::string_view text) noexcept {
  if (text.starts_with(file_scheme)) {
    return text.size() > file_scheme.size() && !text.contains('\0');
  }
  return text.starts_with(env_scheme) && is_variable_name(text.substr(env_scheme.size()));
}

std::optional<std::filesystem::path> file_of(std::string_view reference) {
  if (!reference.starts_with(file_scheme)) return std::nullopt;
  return std::filesystem::path{reference.substr(file_scheme.size())};
}

result<secret> read_secret(std::string_view reference) {
  if (!is_secret_reference(reference)) {
    return fail(errc::invalid_argument,
                "a secret is given as file:PATH or env:NAME, never as itself");
  }
  std::string bytes;
  if (reference.starts_with(env_scheme)) {
    const std::string name{reference.substr(env_scheme.size())};
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      return fail(errc::not_found, "the environment variable " + name + " is not set");
    }
    bytes = value;
  } else {
    auto read = read_file(std::string{reference.substr(file_scheme.size())});
    if (!read) return std::unexpected{std::move(read.error())};
    bytes = std::move(*read);
  }
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  secret held{std::move(bytes)};
  if (held.empty()) return fail(errc::invalid_argument, std::string{reference} + " is empty");
  if (held.size() > max_secret_bytes) {
    return fail(errc::invalid_argument, std::string{reference} + " is over 64 KiB");
  }
  return held;
}

}  // namespace filemint
