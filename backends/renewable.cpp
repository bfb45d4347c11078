#include "backends/renewable.hpp"

#include <utility>

namespace filemint::backends {
namespace {

// Its backend stays for as long as it signs.
class kept_batch final : public batch {
public:
  kept_batch(std::shared_ptr<const backend> by, std::unique_ptr<batch> of)
      : by_(std::move(by)), of_(std::move(of)) {}

  [[nodiscard]] std::size_t paths_per_chunk() const noexcept override {
    return of_->paths_per_chunk();
  }
  [[nodiscard]] std::uint32_t token_size(file_path path) const override {
    return of_->token_size(path);
  }
  void sign(std::span<const file_path> paths, std::span<char*> places) const override {
    of_->sign(paths, places);
  }

private:
  std::shared_ptr<const backend> by_;  // first: it goes last
  std::unique_ptr<batch> of_;
};

}  // namespace

renewable::renewable(std::shared_ptr<const backend> first)
    : source_(first->source()),
      urls_(first->urls()),
      probes_(first->probes()),
      holds_(first->holds()),
      signs_attachments_(first->signs_attachments()),
      current_(std::move(first)) {}

void renewable::renew(std::shared_ptr<const backend> next) noexcept {
  current_.store(std::move(next), std::memory_order_release);
}

result<std::unique_ptr<batch>> renewable::begin(const snapshot& known,
                                                const mint_terms& terms) const {
  auto by = current_.load(std::memory_order_acquire);
  auto begun = by->begin(known, terms);
  if (!begun) return begun;
  return std::make_unique<kept_batch>(std::move(by), std::move(*begun));
}

}  // namespace filemint::backends
