#include "backends/s3.hpp"

#include "core/token.hpp"

#include <utility>

namespace filemint::backends {
namespace {

static_assert(sigv4_presigner::at_once >= token_signer::at_once);

class s3_batch final : public batch {
public:
  explicit s3_batch(sigv4_presigner signer) : signer_(std::move(signer)) {}

  // Measured: a path takes 0.13 µs, 0.4 without AVX-512.
  [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return 256; }
  [[nodiscard]] std::uint32_t token_size(file_path path) const override {
    return static_cast<std::uint32_t>(signer_.token_size(path));
  }
  void sign(std::span<const file_path> paths, std::span<char*> places) const override {
    signer_.sign(paths, places);
  }

private:
  sigv4_presigner signer_;
};

}  // namespace

s3_place place_of(const bucket_config& bucket) {
  auto amazons = "https://s3." + bucket.region + ".amazonaws.com";
  if (bucket.region.starts_with("cn-")) amazons += ".cn";
  const auto at = [&](const std::string& endpoint) {
    return place_at(endpoint.empty() ? amazons : endpoint, bucket);
  };
  return {at(bucket.endpoint_of_clients()),
          {.region = bucket.region, .service = "s3"},
          at(bucket.endpoint_of_node(source_type::s3))};
}

s3::s3(std::string source, s3_place place, aws_credentials who)
    : source_(std::move(source)), place_(std::move(place)), who_(std::move(who)) {}

result<std::unique_ptr<batch>> s3::begin(const snapshot&, const mint_terms& terms) const {
  const auto life = terms.expires_at - terms.issued_at;
  const bool probes = terms.use == token_use::probe;
  const bucket_place& place = probes ? place_.of_node : place_;
  return std::make_unique<s3_batch>(
      sigv4_presigner{who_,
                      key_.at(terms.issued_at, who_.secret_access_key, place_.scope),
                      {.method = probes ? "HEAD" : "GET",
                       .host = place.host,
                       .uri_prefix = place.uri_prefix,
                       .at = terms.issued_at,
                       .expires_in = life,
                       .saved_as = terms.saved_as}});
}

}  // namespace filemint::backends
