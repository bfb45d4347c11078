#include "backends/swift.hpp"

#include "core/token.hpp"

#include <utility>

namespace filemint::backends {
namespace {

static_assert(temp_url_signer::at_once >= token_signer::at_once);

// Measured: a path takes 0.05 µs, 0.16 without AVX-512, by SHA-512 0.27.
std::size_t chunk_of(temp_url_digest digest) noexcept {
  return digest == temp_url_digest::sha256 ? 1024 : 256;
}

class swift_batch final : public batch {
public:
  swift_batch(temp_url_signer signer, std::size_t paths_per_chunk)
      : signer_(std::move(signer)), paths_per_chunk_(paths_per_chunk) {}

  [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return paths_per_chunk_; }
  [[nodiscard]] std::uint32_t token_size(file_path) const noexcept override {
    return static_cast<std::uint32_t>(signer_.token_size());
  }
  void sign(std::span<const file_path> paths, std::span<char*> places) const override {
    signer_.sign(paths, places);
  }

private:
  temp_url_signer signer_;
  std::size_t paths_per_chunk_;
};

}  // namespace

swift_place swift_place_of(const bucket_config& bucket) {
  const auto container = "/v1/" + bucket.account + '/' + bucket.name + '/';
  return {.url = bucket.endpoint_of_clients() + container,
          .container = container,
          .url_of_node = bucket.endpoint_of_node(source_type::swift) + container};
}

swift::swift(std::string source, swift_place place, const secret& key, temp_url_digest digest)
    : source_(std::move(source)),
      place_(std::move(place)),
      key_(std::make_shared<temp_url_key>(key, digest)),
      paths_per_chunk_(chunk_of(digest)) {}

result<std::unique_ptr<batch>> swift::begin(const snapshot&, const mint_terms& terms) const {
  return std::make_unique<swift_batch>(temp_url_signer{key_, place_.container, terms.expires_at},
                                       paths_per_chunk_);
}

}  // namespace filemint::backends
