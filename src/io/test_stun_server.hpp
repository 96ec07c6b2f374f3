// TestStunServer: a STUN server of RFC 5780 on loopback, with two addresses and two ports, for tests. What it does not
// answer is as if a filter had taken it. Threads: the context's one thread.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "io/asio.hpp"
#include "io/endpoint.hpp"
#include "wire/stun_discovery.hpp"

namespace footbridge::io {

class TestStunServer {
 public:
  explicit TestStunServer(asio::io_context& context) {
    sockets_.reserve(4);
    for (const auto* address : {"127.0.0.2", "127.0.0.3"})
      for (const std::size_t port : {0U, 1U}) {
        auto& socket = sockets_.emplace_back(context);
        socket.open(asio::ip::udp::v4());
        socket.non_blocking(true);
        socket.bind(asio::ip::udp::endpoint(asio::ip::make_address(address), ports_[port]));
        ports_[port] = socket.local_endpoint().port();
        read(sockets_.size() - 1);
      }
  }
  Endpoint place() const { return at(0); }
  Endpoint at(std::size_t which) const { return from_asio(sockets_[which].local_endpoint()); }

  bool knocks = true;  // answers from elsewhere
  bool silent = false;
  std::vector<Endpoint> askers;

 private:
  // Sockets: first address with first and second port, second address with both.
  void read(std::size_t which) {
    sockets_[which].async_wait(asio::ip::udp::socket::wait_read, [this, which](error_code error) {
      if (error) return;
      std::array<std::byte, 100> question{};
      asio::ip::udp::endpoint asker;
      const auto length = sockets_[which].receive_from(asio::buffer(question), asker, 0, error);
      if (!error) answer(which, from_asio(asker), ByteView(question).first(length));
      read(which);
    });
  }
  void answer(std::size_t which, const Endpoint& asker, ByteView question) {
    askers.push_back(asker);
    const auto change = question.size() == 20 ? std::size_t{0} : std::to_integer<std::size_t>(question.back());
    if (silent || (change != 0 && !knocks)) return;
    const auto from = which ^ (change == 0 ? 0U : change == 2 ? 1U : 3U);
    wire::StunAnswer out;
    out.transaction = wire::parse_stun_header(question)->transaction;
    out.mapped = asker;
    out.origin = at(from);
    out.other = at(from ^ 3U);
    sockets_[from].send_to(asio::buffer(wire::encode_stun_answer(out)), to_udp(asker));
  }

  std::array<std::uint16_t, 2> ports_{};
  std::vector<asio::ip::udp::socket> sockets_;
};

}  // namespace footbridge::io
