// Amazon S3, and what speaks as it does: a path's token is the query of a presigned GET, good for
// that object until it expires, whoever asks.
#pragma once

#include "backends/backend.hpp"
#include "backends/sigv4.hpp"
#include "core/config/source_config.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace filemint::backends {

// Where a bucket's objects are, as clients are to reach them.
struct s3_place {
  std::string url;         // what URLs begin with, up to and with the '/' before the object's key
  std::string host;        // the Host field of such a request
  std::string uri_prefix;  // its path, encoded, up to and with the '/' before the key
  sigv4_scope scope;
};

// By the source's bucket, region, addressing and public endpoint.
[[nodiscard]] s3_place place_of(const bucket_config& bucket);

class s3 final : public backend {
public:
  s3(std::string source, s3_place place, aws_credentials who);

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] url_form urls() const noexcept override {
    return {
        .public_url = place_.url, .before_token = "?", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  [[nodiscard]] std::shared_ptr<const sigv4_key> key_at(wall_time at) const;

  std::string source_;
  s3_place place_;
  aws_credentials who_;
  mutable std::atomic<std::shared_ptr<const sigv4_key>> key_;  // the last one: of a day
};

}  // namespace filemint::backends
