// Amazon S3, and what speaks as it does: a path's token is the query of a presigned GET, good for
// that object until it expires, whoever asks.
#pragma once

#include "backends/backend.hpp"
#include "backends/bucket_place.hpp"
#include "backends/sigv4.hpp"
#include "core/config/source_config.hpp"

#include <memory>
#include <string>

namespace filemint::backends {

struct s3_place : bucket_place {
  sigv4_scope scope;
  bucket_place of_node;  // as the node reaches it
};

// By the source's bucket, region, addressing and endpoints.
[[nodiscard]] s3_place place_of(const bucket_config& bucket);

class s3 final : public backend {
public:
  s3(std::string source, s3_place place, aws_credentials who);

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] url_form urls() const noexcept override {
    return {
        .public_url = place_.url, .before_token = "?", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] bool signs_attachments() const noexcept override { return true; }
  [[nodiscard]] url_form probes() const noexcept override {
    return {.public_url = place_.of_node.url,
            .before_token = "?",
            .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  std::string source_;
  s3_place place_;
  aws_credentials who_;
  sigv4_key_of_day key_;
};

}  // namespace filemint::backends
