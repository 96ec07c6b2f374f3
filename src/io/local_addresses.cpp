#include "io/local_addresses.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include "io/endpoint.hpp"

namespace footbridge::io {

bool LocalAddresses::are_ours() const {
  asio::io_context context;
  for (const auto& own : {v4, v6}) {
    if (!own) continue;
    const auto at = to_udp({own->reveal_to_socket(), 0});
    asio::ip::udp::socket socket(context);
    error_code error;
    socket.open(at.protocol(), error);
    if (!error) socket.bind(at, error);
    if (error) return false;
  }
  return true;
}

}  // namespace footbridge::io
