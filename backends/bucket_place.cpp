#include "backends/bucket_place.hpp"

#include "api/percent.hpp"

namespace filemint::backends {

bucket_place place_at(const std::string& endpoint, const bucket_config& bucket) {
  const auto host_at = endpoint.find("://") + 3;
  const auto scheme = endpoint.substr(0, host_at);
  auto host = endpoint.substr(host_at);
  std::string prefix = "/";
  if (bucket.addressing == bucket_addressing::virtual_host) host.insert(0, bucket.name + '.');
  if (bucket.addressing == bucket_addressing::path) {
    prefix += api::percent_encode(bucket.name, api::kept_bytes::unreserved) + '/';
  }
  return {.url = scheme + host + prefix, .host = host, .uri_prefix = prefix};
}

}  // namespace filemint::backends
