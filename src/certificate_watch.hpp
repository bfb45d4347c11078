// Looks each second whether certificates' files have changed, and has them read anew.
#pragma once

#include "http/log.hpp"
#include "http/tls_server.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace filemint {

// A thread of its own: files are not for io threads. What it is given must outlive it.
class certificate_watch {
public:
  static constexpr std::chrono::seconds interval{1};

  certificate_watch(std::vector<http::tls_server*> servers, http::log& log);
  certificate_watch(const certificate_watch&) = delete;
  certificate_watch& operator=(const certificate_watch&) = delete;

  // At once, whether they have changed or not. Any thread.
  void reload();

private:
  void run(const std::stop_token& stop);
  void tell(const http::tls_server& server, const result<void>& done);

  std::vector<http::tls_server*> servers_;
  http::log& log_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before the rest
};

}  // namespace filemint
