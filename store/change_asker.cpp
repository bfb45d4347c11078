#include "store/change_asker.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace filemint::store {
namespace {

template <class Row>
void append(std::vector<Row>& to, std::vector<Row>& some) {
  to.insert(to.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

void append(delta& to, delta& part) {
  append(to.companies, part.companies);
  append(to.keys, part.keys);
  append(to.revoked_keys, part.revoked_keys);
  append(to.revoked, part.revoked);
  if (!part.signing_keys) return;
  if (!to.signing_keys) to.signing_keys.emplace();
  append(*to.signing_keys, *part.signing_keys);
}

}  // namespace

struct change_asker::letterbox {
  std::mutex mutex;
  std::condition_variable woken;
  bool running = false;
  std::uint64_t question = 0;  // the last one
  std::optional<result<change_part>> answer;
};

change_asker::change_asker(follower& whom, asker_hooks hooks)
    : whom_(whom), hooks_(std::move(hooks)), box_(std::make_shared<letterbox>()) {}

void change_asker::start() {
  box_->running = true;
  thread_ = std::thread([this] { run(); });
}

void change_asker::stop() {
  {
    const std::scoped_lock lock(box_->mutex);
    box_->running = false;
  }
  box_->woken.notify_all();
  if (thread_.joinable()) thread_.join();
}

void change_asker::run() {
  const auto interval = whom_.poll_interval();
  std::unique_lock lock(box_->mutex);
  auto next = mono_clock::now() + interval;
  while (!box_->woken.wait_until(lock, next, [this] { return !box_->running; })) {
    lock.unlock();
    next = mono_clock::now() + interval;
    if (whom_.is_late(mono_clock::now())) ask_somebody();
    lock.lock();
  }
}

bool change_asker::ask_somebody() {
  auto peers = hooks_.peers();
  if (const auto last = std::ranges::find(peers, last_); last != peers.end()) {
    std::rotate(peers.begin(), last, std::next(last));
  }
  return std::ranges::any_of(peers, [this](const auto& peer) { return ask_for_all(peer); });
}

bool change_asker::ask_for_all(const std::string& peer) {
  change_question question{.known = whom_.known()};
  told_changes told{.since = question.known, .as_of = mono_clock::now()};
  for (bool last = false; !last; ++question.part) {
    auto part = ask(peer, question);
    if (!part) return false;
    if (question.part == 0) {
      // Read before the answer was made, which was after it was asked for.
      told.as_of -= part->age;
      told.whole = part->whole;
      told.rows.at = part->rows.at;
    } else if (part->whole != told.whole || part->rows.at != told.rows.at) {
      return false;
    }
    append(told.rows, part->rows);
    last = part->last;
  }
  if (!whom_.take(std::move(told))) return false;
  note(peer);
  return true;
}

result<change_part> change_asker::ask(const std::string& peer, const change_question& asked) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(box_->mutex);
    number = ++box_->question;
    box_->answer.reset();
  }
  hooks_.ask(peer, asked, [box = box_, number](result<change_part> answer) {
    const std::scoped_lock lock(box->mutex);
    if (box->question != number) return;  // it comes too late
    box->answer = std::move(answer);
    box->woken.notify_all();
  });
  std::unique_lock lock(box_->mutex);
  box_->woken.wait_for(lock, patience, [this] { return box_->answer || !box_->running; });
  if (!box_->answer) return fail(errc::gateway_timeout, peer + " has not answered in time");
  return *std::exchange(box_->answer, std::nullopt);
}

// What is late by a moment only is no outage.
void change_asker::note(const std::string& peer) {
  constexpr std::chrono::seconds moment{1};
  last_ = peer;
  const auto read = whom_.last_own_read();
  if (outage_ == read || mono_clock::now() - read < moment + 2 * whom_.poll_interval()) return;
  outage_ = read;
  hooks_.told_by(peer);
}

}  // namespace filemint::store
