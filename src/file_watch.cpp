#include "src/file_watch.hpp"

#include <utility>

namespace filemint {

file_watch::file_watch(std::vector<read_from_files> all)
    : all_(std::move(all)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void file_watch::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, interval, [] { return false; });
    if (stop.stop_requested()) return;
    for (const auto& each : all_) {
      if (const auto done = each.look()) each.tell(*done);
    }
  }
}

void file_watch::reload() {
  for (const auto& each : all_) each.tell(each.reload());
}

}  // namespace filemint
