// Who a request comes from when trusted proxies stand between: what they tell in X-Forwarded-For or
// in Forwarded (RFC 7239). Thread safe.
#pragma once

#include "core/config/config.hpp"
#include "core/ip_network.hpp"
#include "http/request.hpp"

#include <optional>
#include <string_view>

namespace filemint::http {

// The other end of a connection; nothing: of a unix socket.
using peer_address = std::optional<ip_address>;

// Whether http.trusted_proxies names it.
[[nodiscard]] bool is_trusted(const peer_address& peer, const http_config& settings) noexcept;

// The client of a request that a trusted proxy has sent, by the field that
// http.client_address_header names: from the right over trusted addresses, to the first that is not
// trusted. Whatever is no address (`unknown`, `_hidden`, garbage) ends the way: what stands before
// it nobody vouches for, and it is the address before that. Nothing: not one address was told, it
// is the proxy's own.
[[nodiscard]] std::optional<ip_address> forwarded_client(const request& head,
                                                         const http_config& settings);

// One element's address, with or without a port: nothing where it has none. Its value may stand in
// quotes.
[[nodiscard]] std::optional<ip_address> address_in(std::string_view element,
                                                   client_address_field field);

}  // namespace filemint::http
