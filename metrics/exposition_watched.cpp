// The numbers that others own.
#include "metrics/exposition.hpp"

#include <utility>

namespace filemint::metrics {

void exposition::watch_mailbox(std::string_view kind, source length) {
  const std::lock_guard lock{watched_mutex_};
  mailboxes_[std::string{kind}].push_back(std::move(length));
}

void exposition::watch_run_queue(source length) {
  const std::lock_guard lock{watched_mutex_};
  run_queues_.push_back(std::move(length));
}

void exposition::watch_budget(std::string_view name, source used, source limit) {
  const std::lock_guard lock{watched_mutex_};
  budgets_.push_back({std::string{name}, std::move(used), std::move(limit)});
}

void exposition::watch_store_age(source seconds) {
  const std::lock_guard lock{watched_mutex_};
  store_age_ = std::move(seconds);
}

void exposition::watch_dropped_log_lines(source lines) {
  const std::lock_guard lock{watched_mutex_};
  dropped_log_lines_ = std::move(lines);
}

void exposition::watch_wall_clock_steps(source steps) {
  const std::lock_guard lock{watched_mutex_};
  wall_clock_steps_ = std::move(steps);
}

void exposition::watch_certificate(std::string_view listener, source expiry) {
  const std::lock_guard lock{watched_mutex_};
  certificates_[std::string{listener}] = std::move(expiry);
}

void exposition::watch_config_reloads(std::string_view outcome, source reloads) {
  const std::lock_guard lock{watched_mutex_};
  config_reloads_.insert_or_assign(std::string{outcome}, std::move(reloads));
}

void exposition::forget_watched() {
  const std::lock_guard lock{watched_mutex_};
  mailboxes_.clear();
  run_queues_.clear();
  budgets_.clear();
  store_age_ = nullptr;
  dropped_log_lines_ = nullptr;
  wall_clock_steps_ = nullptr;
  certificates_.clear();
  config_reloads_.clear();
  cluster_ = nullptr;
  storages_ = nullptr;
  credentials_ = nullptr;
}

void exposition::watch_cluster(std::function<std::vector<peer_numbers>()> peers) {
  const std::lock_guard lock{watched_mutex_};
  cluster_ = std::move(peers);
}

void exposition::watch_storages(std::function<std::vector<storage_numbers>()> storages) {
  const std::lock_guard lock{watched_mutex_};
  storages_ = std::move(storages);
}

void exposition::watch_credentials(std::function<std::vector<credential_numbers>()> credentials) {
  const std::lock_guard lock{watched_mutex_};
  credentials_ = std::move(credentials);
}

}  // namespace filemint::metrics
