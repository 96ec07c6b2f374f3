// FakeGateway: a home router's port 5351 for tests, on loopback: as honest, as old or as odd as a test wants it.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/ip/udp.hpp>
#include <map>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "io/asio.hpp"
#include "io/endpoint.hpp"
#include "io/portmap/home_router.hpp"
#include "wire/port_control.hpp"

namespace footbridge::io {

class FakeGateway {
 public:
  enum class Mood : std::uint8_t { Pcp, PmpOnly, PmpOnlyAndSilent, Refuses, Taken, Silent };

  explicit FakeGateway(asio::any_io_executor executor) : socket_(std::move(executor), to_udp({kLoopback, 0})) {}

  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  static HomeRouter home() { return {Private(kLoopback), Private(kLoopback)}; }

  Mood mood = Mood::Pcp;
  std::uint32_t lease_s = 600;
  IpAddress external = IpAddress::parse("8.8.4.4").value();
  bool forged_first = false;                      // an answer to somebody else's question comes before ours
  unsigned lose = 0;                              // so many questions are not heard
  std::map<std::uint16_t, std::uint16_t> mapped;  // what it forwards: inside → outside
  unsigned asked = 0;
  std::vector<Bytes> nonces;  // of PCP, as they came

  // Until the socket is closed.
  asio::awaitable<void> serve() {
    std::array<std::byte, 2048> datagram{};
    for (;;) {
      asio::ip::udp::endpoint from;
      const auto [error, bytes] = co_await socket_.async_receive_from(asio::buffer(datagram), from, no_throw);
      if (error) co_return;
      ++asked;
      if (lose > 0 && lose-- > 0) continue;
      answer(ByteView(datagram).first(bytes), from);
    }
  }
  void close() { socket_.close(); }

 private:
  static inline const IpAddress kLoopback = IpAddress::v4(0x7f000001);

  void send(const Bytes& out, const asio::ip::udp::endpoint& to) {
    error_code ignored;
    socket_.send_to(asio::buffer(out), to, 0, ignored);
  }
  void answer(ByteView question, const asio::ip::udp::endpoint& from) {
    if (mood == Mood::Silent) return;
    const bool pcp = question[0] == std::byte{2};
    if (!pcp) return answer_pmp(question, from);
    if (mood == Mood::PmpOnlyAndSilent) return;
    if (mood == Mood::PmpOnly)
      return send({std::byte{0}, std::byte{0x81}, std::byte{0}, std::byte{1}, {}, {}, {}, {}}, from);
    Bytes out(question.begin(), question.end());
    out[1] |= std::byte{0x80};
    const auto nonce = question.subspan(24, 12);
    nonces.emplace_back(nonce.begin(), nonce.end());
    const auto result = std::byte(mood == Mood::Refuses ? 2 : mood == Mood::Taken ? 11 : 0);
    ByteReader in(question.subspan(4));
    const auto lifetime = in.u32().value();
    ByteReader ports(question.subspan(40));
    const auto inside = ports.u16().value();
    const auto outside = static_cast<std::uint16_t>(inside - 1'000);
    Bytes granted;
    ByteWriter(granted).u8(0).u8(std::to_integer<std::uint8_t>(result)).u32(lifetime == 0 ? 0 : lease_s).u32(7);
    std::copy(granted.begin(), granted.end(), out.begin() + 2);
    std::fill(out.begin() + 12, out.begin() + 24, std::byte{0});
    Bytes place;
    ByteWriter(place).u16(outside).u64(0).u16(0).u16(0xffff).u32(external.v4_host_order());
    std::copy(place.begin(), place.end(), out.begin() + 42);
    if (forged_first) {
      auto forged = out;
      forged[24] ^= std::byte{1};
      forged[42] ^= std::byte{0x55};
      send(forged, from);
    }
    if (result == std::byte{0}) note(inside, outside, lifetime);
    send(out, from);
  }
  void answer_pmp(ByteView question, const asio::ip::udp::endpoint& from) {
    Bytes out;
    if (question.size() == 2) {
      ByteWriter(out).u8(0).u8(0x80).u16(0).u32(7).u32(external.v4_host_order());
      return send(out, from);
    }
    ByteReader in(question.subspan(4));
    const auto inside = in.u16().value();
    (void)in.u16();
    const auto lifetime = in.u32().value();
    const auto outside = static_cast<std::uint16_t>(lifetime == 0 ? 0 : inside - 2'000);
    const std::uint16_t result = mood == Mood::Refuses ? 2 : 0;
    if (result == 0) note(inside, outside, lifetime);
    ByteWriter(out).u8(0).u8(0x81).u16(result).u32(7).u16(inside).u16(outside).u32(lifetime == 0 ? 0 : lease_s);
    send(out, from);
  }
  void note(std::uint16_t inside, std::uint16_t outside, std::uint32_t lifetime) {
    if (lifetime == 0)
      mapped.erase(inside);
    else
      mapped[inside] = outside;
  }

  asio::ip::udp::socket socket_;
};

}  // namespace footbridge::io
