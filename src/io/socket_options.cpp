#include "io/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace footbridge::io {

void set_no_delay(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
}

void set_not_sent_low_water(tcp::socket& socket, std::size_t bytes) {
  const auto value = static_cast<int>(bytes);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, sizeof value);
}

}  // namespace footbridge::io
