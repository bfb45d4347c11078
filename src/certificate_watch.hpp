// Looks each second whether certificates' files have changed, and has them read anew.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/log.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint {

struct watched_certificate {
  std::string name;  // of who shows it, for the log
  std::function<std::optional<result<void>>()> look;
  std::function<result<void>()> reload;
  std::function<wall_time()> expires;
};

// A thread of its own: files are not for io threads. What it is given must outlive it.
class certificate_watch {
public:
  static constexpr std::chrono::seconds interval{1};

  certificate_watch(std::vector<watched_certificate> all, http::log& log);
  certificate_watch(const certificate_watch&) = delete;
  certificate_watch& operator=(const certificate_watch&) = delete;

  // At once, whether they have changed or not. Any thread.
  void reload();

private:
  void run(const std::stop_token& stop);
  void tell(const watched_certificate& which, const result<void>& done);

  std::vector<watched_certificate> all_;
  http::log& log_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before the rest
};

}  // namespace filemint
