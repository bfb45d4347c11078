// Google Cloud Storage: a path's token is the query of a V4 signed URL (Google Cloud, "Signed
// URLs"), good for a GET of that object until it expires, whoever asks.
#pragma once

#include "backends/backend.hpp"
#include "backends/bucket_place.hpp"
#include "backends/service_account.hpp"
#include "backends/sign_blob.hpp"
#include "backends/sigv4.hpp"
#include "core/config/source_config.hpp"

#include <memory>
#include <string>
#include <variant>

namespace filemint::backends {

struct gcs_place : bucket_place {
  bucket_place of_node;  // as the node reaches it
};

// By the source's bucket, addressing and endpoints. Their hosts have no port, even where the URL
// has one: Google signs the name alone.
[[nodiscard]] gcs_place gcs_place_of(const bucket_config& bucket);

// Whether an object can be called so (Google Cloud, "About Cloud Storage objects", of the paths
// that are legal).
[[nodiscard]] bool is_gcs_object_name(file_path path) noexcept;

// An account whose key Google holds, and where it is asked to sign.
struct remote_account {
  remote_origin iam;
  blob_signatory who;
};

// Who signs: an interoperability key (GOOG4-HMAC-SHA256), made for what speaks to S3, or a service
// account (GOOG4-RSA-SHA256), by its key here or by Google's.
using gcs_credentials = std::variant<aws_credentials, service_account, remote_account>;

class gcs final : public backend {
public:
  gcs(std::string source, gcs_place place, gcs_credentials who);

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] url_form urls() const noexcept override {
    return {
        .public_url = place_.url, .before_token = "?", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] url_form probes() const noexcept override {
    return {.public_url = place_.of_node.url,
            .before_token = "?",
            .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] api::path_rule holds() const noexcept override { return is_gcs_object_name; }
  [[nodiscard]] bool signs_attachments() const noexcept override { return true; }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  [[nodiscard]] std::unique_ptr<batch> begin_by(const aws_credentials& who,
                                                const presign_terms& terms) const;
  [[nodiscard]] std::unique_ptr<batch> begin_by(const service_account& who,
                                                const presign_terms& terms) const;
  [[nodiscard]] std::unique_ptr<batch> begin_by(const remote_account& who,
                                                const presign_terms& terms) const;

  std::string source_;
  gcs_place place_;
  gcs_credentials who_;
  sigv4_key_of_day key_;  // of an interoperability key
};

}  // namespace filemint::backends
