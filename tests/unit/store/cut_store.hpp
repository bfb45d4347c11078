// A node's store whose server can be cut off or held up, as a follower sees it.
#pragma once

#include "store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace filemint::store {

// Thread safe.
class cut_switch {
public:
  void cut(bool is) { cut_ = is; }
  [[nodiscard]] bool is_cut() const { return cut_; }
  // From now on what is read arrives once it is let go.
  void hold() {
    const std::scoped_lock lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::scoped_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Whoever waits; the next one is held.
  void let_one_go() {
    const std::scoped_lock lock(mutex_);
    waiting_ = false;
    ++passes_;
    changed_.notify_all();
  }
  void await_reader() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_ = held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_ || passes_ != 0; });
    waiting_ = false;
    passes_ = 0;
  }

private:
  std::atomic<bool> cut_{false};
  std::mutex mutex_;
  std::condition_variable changed_;  // of what follows
  bool held_ = false;
  bool waiting_ = false;
  int passes_ = 0;
};

class cut_store final : public store {
public:
  cut_store(std::unique_ptr<store> behind, std::shared_ptr<cut_switch> way)
      : behind_(std::move(behind)), way_(std::move(way)) {}

  [[nodiscard]] result<contents> load(const directory& base) override {
    if (way_->is_cut()) return away();
    return behind_->load(base);
  }
  [[nodiscard]] result<std::optional<delta>> changes_since(const position& known) override {
    if (way_->is_cut()) return away();
    auto read = behind_->changes_since(known);
    way_->pass();
    return read;
  }
  void await_change(std::chrono::milliseconds most) override { behind_->await_change(most); }
  void wake() noexcept override { behind_->wake(); }

  // No follower calls the rest.
  result<void> add_company(const company_row&) override { return away(); }
  result<std::vector<company_row>> list_companies() override { return away(); }
  result<void> set_suspended(std::string_view, bool) override { return away(); }
  result<void> set_window_limit(std::string_view, std::uint64_t) override { return away(); }
  result<void> set_company_limits(std::string_view, const company_limits&) override {
    return away();
  }
  result<void> set_key_throttle(std::string_view, const throttle_terms&) override { return away(); }
  result<void> revoke_key(std::string_view, wall_time) override { return away(); }
  result<void> insert_keys(std::span<const key_row>) override { return away(); }
  result<std::vector<key_row>> list_keys(std::optional<std::string_view>) override {
    return away();
  }
  result<void> add_grant(const grant_row&) override { return away(); }
  result<std::vector<grant_row>> list_grants(std::optional<std::string_view>) override {
    return away();
  }
  result<void> remove_grant(std::string_view, std::string_view, std::string_view) override {
    return away();
  }
  result<void> insert_signing_key_beside(const signing_key_row&, const key_check&) override {
    return away();
  }
  result<std::vector<signing_key_row>> list_signing_keys() override { return away(); }
  result<void> activate_signing_key(const activation&) override { return away(); }
  result<void> retire_signing_key(std::string_view, wall_time, bool) override { return away(); }
  result<std::size_t> reseal_signing_keys(const reseal_function&) override { return away(); }
  result<revocation> revoke_tokens(const revocation_order&) override { return away(); }
  result<std::vector<revocation>> list_revocations() override { return away(); }
  result<void> note_token_life(std::string_view, std::chrono::seconds) override { return away(); }
  result<void> put_key_days(std::span<const key_day>) override { return away(); }
  result<std::vector<key_day>> load_key_days(std::chrono::sys_days) override { return away(); }
  result<void> announce_node(const node_row&) override { return away(); }
  result<void> node_said_goodbye(std::string_view, wall_time) override { return away(); }
  result<std::vector<node_row>> list_nodes() override { return away(); }
  result<std::uint64_t> change_number() override { return away(); }

private:
  static std::unexpected<error> away() { return fail(errc::service_unavailable, "cut off"); }
  const std::unique_ptr<store> behind_;
  const std::shared_ptr<cut_switch> way_;
};

}  // namespace filemint::store
