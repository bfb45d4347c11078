// OpenStack Swift: a path's token is the query of a temporary URL, good for that object until it
// expires, whoever asks.
#pragma once

#include "backends/backend.hpp"
#include "backends/temp_url.hpp"
#include "core/config/source_config.hpp"

#include <memory>
#include <string>

namespace filemint::backends {

// Where a container's objects are, as clients are to reach them.
struct swift_place {
  std::string url;          // what URLs begin with, up to and with the '/' before the object's name
  std::string container;    // its path: /v1/ACCOUNT/CONTAINER/
  std::string url_of_node;  // as the node reaches it
};

// By the source's account, container and endpoints, whose characters no URL encodes.
[[nodiscard]] swift_place swift_place_of(const bucket_config& bucket);

class swift final : public backend {
public:
  swift(std::string source, swift_place place, const secret& key, temp_url_digest digest);

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
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  std::string source_;
  swift_place place_;
  std::shared_ptr<const temp_url_key> key_;
  std::size_t paths_per_chunk_;
};

}  // namespace filemint::backends
