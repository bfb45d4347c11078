#include "src/source_credentials.hpp"

#include "core/config/secret_reference.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace filemint {
namespace {

std::vector<std::filesystem::path> files_of(const bucket_config& bucket) {
  std::vector<std::filesystem::path> files;
  for (const auto member : bucket_secrets) {
    if (auto file = file_of(bucket.*member)) files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace

source_credentials::source_credentials(const source_config& source, maker make)
    : name_(source.name), make_(std::move(make)), files_(files_of(source.bucket)) {}

result<std::unique_ptr<backends::backend>> source_credentials::open() {
  files_.take();
  auto first = make_();
  if (!first) return first;
  auto made = std::make_unique<backends::renewable>(std::move(*first));
  made_ = made.get();
  return made;
}

result<void> source_credentials::reload() {
  const std::lock_guard lock{mutex_};
  files_.take();
  return renew();
}

std::optional<result<void>> source_credentials::look() {
  const std::lock_guard lock{mutex_};
  if (!files_.take_if_changed()) return std::nullopt;
  return renew();
}

result<void> source_credentials::renew() {
  auto next = make_();
  if (!next) return std::unexpected(next.error());
  made_->renew(std::move(*next));
  return {};
}

read_from_files source_credentials::watched(http::log& log) {
  const auto tell = [this, &log](const result<void>& done) {
    if (done) return log.info("the credentials were read anew", {{"source", name_}});
    log.error("the credentials were not read anew: " + done.error().message, {{"source", name_}});
  };
  return {.look = [this] { return look(); }, .reload = [this] { return reload(); }, .tell = tell};
}

}  // namespace filemint
