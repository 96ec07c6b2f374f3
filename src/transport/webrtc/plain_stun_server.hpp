// For tests: a STUN server on loopback that says to each asker which address it sees, as RFC 3489 has it: libnice asks
// so. Thread: the context's.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include "base/byte_writer.hpp"
#include "base/bytes.hpp"

namespace footbridge::webrtc {

struct PlainStunServer {
  explicit PlainStunServer(boost::asio::io_context& io) : socket(io, {boost::asio::ip::address_v4::loopback(), 0}) {
    next();
  }
  void next() {
    socket.async_receive_from(boost::asio::buffer(memory), from, [this](auto error, std::size_t bytes) {
      if (error) return;
      if (bytes >= 20) {
        Bytes answer;
        ByteWriter(answer).u16(0x0101).u16(12).bytes(ByteView(memory).subspan(4, 16)).u16(0x0001).u16(8).u16(1);
        ByteWriter(answer).u16(from.port()).u32(from.address().to_v4().to_uint());
        socket.send_to(boost::asio::buffer(answer), from);
        ++answered;
      }
      next();
    });
  }
  boost::asio::ip::udp::socket socket;
  boost::asio::ip::udp::endpoint from;
  std::array<std::byte, 2048> memory{};
  int answered = 0;
};

}  // namespace footbridge::webrtc
