#include "backends/renewable.hpp"

#include <algorithm>
#include <utility>

namespace filemint::backends {

// Its backend stays for as long as it signs.
class renewable::kept_batch final : public batch {
public:
  kept_batch(std::shared_ptr<const renewed> by, std::unique_ptr<batch> of)
      : by_(std::move(by)), of_(std::move(of)) {}

  [[nodiscard]] wall_time ends() const noexcept override { return by_->tokens_end; }

  [[nodiscard]] remote_signing* remote() noexcept override { return of_->remote(); }
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
  std::shared_ptr<const renewed> by_;  // first: it goes last
  std::unique_ptr<batch> of_;
};

renewable::renewable(std::shared_ptr<const backend> first, wall_time ends)
    : source_(first->source()),
      urls_(first->urls()),
      probes_(first->probes()),
      holds_(first->holds()),
      signs_attachments_(first->signs_attachments()),
      current_(std::make_shared<const renewed>(renewed{std::move(first), ends, ends})) {}

void renewable::renew(renewed next) {
  current_.store(std::make_shared<const renewed>(std::move(next)), std::memory_order_release);
}

result<std::unique_ptr<batch>> renewable::begin(const snapshot& known,
                                                const mint_terms& terms) const {
  auto by = current_.load(std::memory_order_acquire);
  if (std::max(terms.issued_at, terms.at) >= by->ends) return fail(errc::service_unavailable);
  auto within = terms;
  within.expires_at = std::min(terms.expires_at, by->tokens_end);
  auto begun = by->by->begin(known, within);
  if (!begun) return begun;
  return std::make_unique<kept_batch>(std::move(by), std::move(*begun));
}

}  // namespace filemint::backends
