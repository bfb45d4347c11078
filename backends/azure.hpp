// Azure Blob Storage: a path's token is a shared access signature, good for reading that blob until
// it expires, whoever asks.
#pragma once

#include "backends/azure_sas.hpp"
#include "backends/backend.hpp"
#include "core/config/source_config.hpp"

#include <memory>
#include <string>

namespace filemint::backends {

// Where a container's blobs are, as clients are to reach them.
struct azure_place {
  std::string url;  // what URLs begin with, up to and with the '/' before the blob's name
  std::string account, container;
  bool https = true;
  std::string url_of_node;  // as the node reaches it
  bool https_of_node = true;
};

// By the source's account, container, addressing and endpoints.
[[nodiscard]] azure_place place_of_container(const bucket_config& bucket);

// Whether a blob can have that name (Microsoft, "Naming and Referencing Containers, Blobs, and
// Metadata"): at most 254 segments, of which none ends with a dot, since Azure drops it; no control
// characters of C1 (U+0080 to U+009F) and no noncharacters (Unicode §23.7). Its 1,024 characters
// are file_path's 1,024 bytes, or fewer.
[[nodiscard]] bool is_blob_name(file_path path) noexcept;

class azure final : public backend {
public:
  azure(std::string source, azure_place place, sas_key key);

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] url_form urls() const noexcept override {
    return {
        .public_url = place_.url, .before_token = "?", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] url_form probes() const noexcept override {
    return {.public_url = place_.url_of_node,
            .before_token = "?",
            .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] api::path_rule holds() const noexcept override { return is_blob_name; }
  [[nodiscard]] bool signs_attachments() const noexcept override { return true; }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  std::string source_;
  azure_place place_;
  std::shared_ptr<const sas_key> key_;
};

}  // namespace filemint::backends
