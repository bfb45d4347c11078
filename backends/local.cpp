#include "backends/local.hpp"

#include "core/crypto/random.hpp"
#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace filemint::backends {
namespace {

// 64 random bits a token; asking the generator for one number costs as much as asking for many.
std::uint64_t next_token_id() {
  thread_local std::array<std::uint64_t, 256> drawn;
  thread_local std::size_t left = 0;
  if (left == 0) {
    random_numbers(drawn);
    left = drawn.size();
  }
  return drawn[--left];
}

// Measured: a token by HMAC takes 0.07 µs, 0.16 without AVX-512, an Ed25519 signature 25 µs.
std::size_t paths_per_chunk(token_algorithm algorithm) noexcept {
  return algorithm == token_algorithm::hs256 ? 1024 : 4;
}

class local_batch final : public batch {
public:
  local_batch(token_signer signer, std::size_t paths_per_chunk, api::attachments saved_as)
      : signer_(std::move(signer)), paths_per_chunk_(paths_per_chunk), saved_as_(saved_as) {}

  [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return paths_per_chunk_; }

  [[nodiscard]] std::uint32_t token_size(file_path path) const override {
    const auto name = saved_as_.none() ? std::nullopt : saved_as_.name_of(path);
    return static_cast<std::uint32_t>(name ? signer_.size_for(path, *name)
                                           : signer_.size_for(path));
  }
  void sign(std::span<const file_path> paths, std::span<char*> places) const override {
    std::array<std::uint64_t, token_signer::at_once> ids;
    std::generate_n(ids.begin(), paths.size(), next_token_id);
    if (saved_as_.none()) return signer_.sign(paths, std::span(ids).first(paths.size()), places);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto name = saved_as_.name_of(paths[i]);
      places[i] = name ? signer_.sign(paths[i], *name, ids[i], places[i])
                       : signer_.sign(paths[i], ids[i], places[i]);
    }
  }

private:
  token_signer signer_;
  std::size_t paths_per_chunk_;
  api::attachments saved_as_;
};

}  // namespace

result<std::unique_ptr<batch>> local::begin(const snapshot& known, const mint_terms& terms) const {
  const auto keys = known.signing.find(source_);
  const auto* key = keys == known.signing.end() ? nullptr : keys->second.active();
  if (key == nullptr) return fail(errc::service_unavailable);
  return std::make_unique<local_batch>(token_signer{*key,
                                                    {.issuer = issuer_,
                                                     .source = source_,
                                                     .company = terms.company,
                                                     .key_id = terms.key_id,
                                                     .issued_at = terms.issued_at,
                                                     .expires_at = terms.expires_at}},
                                       paths_per_chunk(key->algorithm()), terms.saved_as);
}

}  // namespace filemint::backends
