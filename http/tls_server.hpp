// The TLS of one listener: the context that new connections get, which is exchanged when its files
// change. Connections that stand are not touched, and tickets outlive the exchange.
#pragma once

#include "core/clock.hpp"
#include "core/config/listener_config.hpp"
#include "core/result.hpp"
#include "core/watched_files.hpp"
#include "http/ticket_keys.hpp"
#include "http/tls_context.hpp"
#include "http/transport.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace filemint::http {

// Thread safe. Must outlive its connections.
class tls_server {
public:
  // `name` is told in logs and metrics. Errors: as tls_context::make.
  [[nodiscard]] static result<std::unique_ptr<tls_server>> open(tls_config settings,
                                                                std::string name, mono_time now);
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  // Null when memory is out.
  [[nodiscard]] ssl_ptr new_connection() const { return context_.load()->new_connection(); }
  [[nodiscard]] wall_time expires() const { return context_.load()->expires(); }

  // Reads files: not on an io thread. On an error the context stays as it is.
  result<void> reload();
  // Reloads when the files have changed and have then stood still from one look to the next: a
  // certificate and its key are seldom replaced at once. Nothing: there is nothing new.
  std::optional<result<void>> look();

private:
  tls_server(tls_config settings, std::string name, mono_time now)
      : settings_(std::move(settings)),
        name_(std::move(name)),
        tickets_(now),
        files_({settings_.certificate, settings_.key, settings_.client_ca}) {}
  result<void> load();

  const tls_config settings_;
  const std::string name_;
  ticket_keys tickets_;
  std::atomic<std::shared_ptr<const tls_context>> context_;

  std::mutex mutex_;  // guards what follows
  watched_files files_;
};

}  // namespace filemint::http
