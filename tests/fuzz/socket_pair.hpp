// One loop and one connected pair of stream sockets for targets that fuzz what stands behind a socket: ours, as Asio
// knows it, and the peer's end as a descriptor. A Unix pair: no ports to run out of, and no packets.
#pragma once

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "io/asio.hpp"

namespace footbridge::fuzz {

class SocketPair {
 public:
  explicit SocketPair(asio::io_context& context) : ours(context) {
    int ends[2] = {-1, -1};
    FB_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    ours.assign(io::tcp::v4(), ends[0]);
    peer_ = ends[1];
  }
  ~SocketPair() { close(); }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  // How much was taken: less than all when the other end does not read.
  std::size_t write(ByteView bytes) {
    const auto sent = ::send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  Bytes read() {
    Bytes out(1U << 16);
    const auto got = ::recv(peer_, out.data(), out.size(), 0);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
  void finish() { ::shutdown(peer_, SHUT_WR); }
  void close() {
    if (peer_ >= 0) ::close(std::exchange(peer_, -1));
  }

  io::tcp::socket ours;

 private:
  int peer_ = -1;
};

}  // namespace footbridge::fuzz
