// Looks each second whether files that a node has read have changed, and has them read anew.
#pragma once

#include "core/result.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace filemint {

// What was read from files: a certificate, a source's credentials.
struct read_from_files {
  // Reads it anew if its files have changed. Nothing: they have not.
  std::function<std::optional<result<void>>()> look;
  std::function<result<void>()> reload;
  // What came of it.
  std::function<void(const result<void>&)> tell;
};

// A thread of its own: files are not for io threads. What it is given must outlive it.
class file_watch {
public:
  static constexpr std::chrono::seconds interval{1};

  explicit file_watch(std::vector<read_from_files> all);
  file_watch(const file_watch&) = delete;
  file_watch& operator=(const file_watch&) = delete;

  // All at once, whether they have changed or not. Any thread.
  void reload();

private:
  void run(const std::stop_token& stop);

  std::vector<read_from_files> all_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before the rest
};

}  // namespace filemint
