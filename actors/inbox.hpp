// A lock-free inbox: any thread pushes, one thread takes all that is there, in the order of the
// pushes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace filemint::actors {

template <class T>
class inbox {
public:
  inbox() = default;
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox() {
    for (auto* n = head_.load(); n != nullptr;) delete std::exchange(n, n->next);
  }

  // True when it was empty: the owner has to be woken.
  bool push(T value) {
    auto* const fresh = new node{std::move(value), nullptr};
    auto* below = head_.load(std::memory_order_relaxed);
    do {
      fresh->next = below;
    } while (!head_.compare_exchange_weak(below, fresh));
    return below == nullptr;  // the owner may have taken `fresh` by now
  }

  // Appends all that is there to `out`, the oldest first. By the owner alone.
  void take_all(std::vector<T>& out) {
    auto* n = head_.exchange(nullptr);
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    while (n != nullptr) {
      out.push_back(std::move(n->value));
      delete std::exchange(n, n->next);
    }
    std::reverse(out.begin() + first, out.end());
  }

  [[nodiscard]] bool empty() const noexcept { return head_.load() == nullptr; }

private:
  struct node {
    T value;
    node* next;
  };
  std::atomic<node*> head_{nullptr};
};

}  // namespace filemint::actors
