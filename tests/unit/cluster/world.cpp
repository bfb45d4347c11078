#include "tests/unit/cluster/world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace filemint::actors::testing {

std::uint16_t free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor taken{io, {boost::asio::ip::address_v4::loopback(), 0}};
  return taken.local_endpoint().port();
}

}  // namespace filemint::actors::testing
