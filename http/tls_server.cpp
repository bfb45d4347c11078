#include "http/tls_server.hpp"

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
  files_.take();
  return load();
}

std::optional<result<void>> tls_server::look() {
  const std::lock_guard lock{mutex_};
  if (!files_.take_if_changed()) return std::nullopt;
  return load();
}

result<void> tls_server::load() {
  auto made = tls_context::make(settings_, tickets_);
  if (!made) return std::unexpected(made.error());
  context_ = std::move(*made);
  return {};
}

}  // namespace filemint::http
