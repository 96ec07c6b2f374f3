// For tests and measurements of links: a line between two links on loopback with the weather of the simulator's links:
// delay, loss, a rate. Each side is told, by a changed description, that the other is at the line's end before it.
// Lives on the io_context of the test's thread. The same seed loses the same datagrams of each direction.
#pragma once

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <sys/socket.h>

#include "io/clock.hpp"
#include "sim/link.hpp"
#include "transport/webrtc/link_harness.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {

class LossyLine {
 public:
  LossyLine(boost::asio::io_context& io, std::chrono::milliseconds delay, unsigned lost_per_thousand,
            std::uint64_t seed = 1)
      : LossyLine(io, sim::LinkWeather{.delay = delay, .loss = lost_per_thousand / 1'000.0}, seed) {}
  LossyLine(boost::asio::io_context& io, const sim::LinkWeather& weather, std::uint64_t seed = 1)
      : io_(io), ends_{End(io, weather, 2 * seed), End(io, weather, 2 * seed + 1)} {
    for (const std::size_t side : {0U, 1U}) {
      // The line shall lose what it is told to, and nothing else.
      setsockopt(ends_[side].socket.native_handle(), SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof kBufferBytes);
      listen(side);
    }
  }

  // From now on nothing longer comes through from the one behind end `side`.
  void swallow_longer(std::size_t side, std::size_t bytes) { ends_[side].longest = bytes; }

  // `description` is of the one behind end `side`; what comes back leads the reader to the other end of the line.
  Private<std::string> lead_through(std::size_t side, const Private<std::string>& description) {
    auto parsed = *wire::parse_sdp(description.reveal_to_socket());
    auto& first = parsed.candidates.at(0);
    const auto real = first.endpoint.reveal_to_socket();
    ends_[side].behind = {boost::asio::ip::make_address_v4(real.address.v4_host_order()), real.port};
    first.endpoint = Private(Endpoint{real.address, ends_[1 - side].socket.local_endpoint().port()});
    parsed.candidates.resize(1);
    return Private(wire::encode_sdp(parsed, 1));
  }

 private:
  using Udp = boost::asio::ip::udp;
  static constexpr int kBufferBytes = 4 << 20;
  struct End {
    End(boost::asio::io_context& io, const sim::LinkWeather& weather, std::uint64_t seed)
        : socket(io, {boost::asio::ip::address_v4::loopback(), 0}), to_other(weather, seed) {}
    Udp::socket socket;
    sim::Link to_other;
    Udp::endpoint behind;  // whom this end speaks to
    Udp::endpoint from;
    std::array<std::byte, 2'048> buffer{};
    std::size_t longest = buffer.size();
  };

  void listen(std::size_t side) {
    auto& end = ends_[side];
    end.socket.async_receive_from(
        boost::asio::buffer(end.buffer), end.from, [this, side](auto error, std::size_t count) {
          if (error == boost::asio::error::operation_aborted) return;
          if (!error && count <= ends_[side].longest)
            for (const auto at : ends_[side].to_other.send(io::now(), count))
              carry(1 - side, at,
                    Bytes(ends_[side].buffer.begin(), ends_[side].buffer.begin() + static_cast<long>(count)));
          listen(side);
        });
  }
  void carry(std::size_t side, TimePoint at, Bytes datagram) {
    auto timer = std::make_unique<boost::asio::steady_timer>(io_, at - io::now());
    auto& waiting = *timer;
    waiting.async_wait([this, side, timer = std::move(timer), datagram = std::move(datagram)](auto error) {
      if (error) return;
      boost::system::error_code ignored;
      ends_[side].socket.send_to(boost::asio::buffer(datagram), ends_[side].behind, 0, ignored);
    });
  }

  boost::asio::io_context& io_;
  std::array<End, 2> ends_;
};

// As LinkPair::open(), through the line: the client behind end 0, the proxy behind end 1.
inline bool open_through(LossyLine& line, LinkPair& pair, const LinkConfig& config) {
  auto& client = pair.client;
  auto& proxy = pair.proxy;
  client.link = pair.engine.offer(pair.io.get_executor(), config, client);
  if (!run_until(pair.io, [&] { return client.description.has_value(); })) return false;
  const auto offer = line.lead_through(0, *client.description);
  proxy.link = pair.engine.answer(pair.io.get_executor(), config, offer, proxy);
  if (!run_until(pair.io, [&] { return proxy.description.has_value(); })) return false;
  const auto answer = line.lead_through(1, *proxy.description);
  if (!client.link->accept_answer(answer, config.best)) return false;
  return run_until(pair.io, [&] { return client.opened == 1 && proxy.opened == 1; });
}

}  // namespace footbridge::webrtc
