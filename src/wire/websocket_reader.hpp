// Turns the bytes of a WebSocket connection into messages, and says with which code to close when the peer breaks a
// rule or a limit (threat T15). One read of up to 64 KiB may hold many messages, and those that arrived whole are
// handed out as views into the buffer. Many readers may share a buffer, each for one read; between reads a reader then
// holds only the beginning of a frame whose rest has not come. No I/O, no clock.
//
// Bounds: message ≤ kMaxWsMessageBytes, ≤ kMaxWsFragments per message, receive buffer ≤ 2 × 64 KiB.
//   reader.lend(buffer); auto space = reader.prepare(); … read(space) …; reader.commit(n);
//   while (auto event = reader.next()) …; buffer = reader.take_back();
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "wire/websocket_frame.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxWsMessageBytes = 64 * 1024;
inline constexpr std::size_t kMaxWsFragments = 64;
inline constexpr std::size_t kWsReadBytes = 64 * 1024;  // one read: as much as the peer's gathered write

struct WsEvent {
  enum class Kind : std::uint8_t {
    Message,  // payload: one binary message
    Ping,     // payload: answer with the same
    Pong,
    Closed,     // the peer's Close frame; code is NoStatus when it had none
    Violation,  // close with `code`; the reader gives nothing more
  };
  Kind kind = Kind::Message;
  ByteView payload{};  // valid until the next prepare()
  WsCloseCode code = WsCloseCode::NoStatus;
};

class WebSocketReader {
 public:
  enum class Peer : std::uint8_t { Client, Server };  // clients must mask, servers must not
  explicit WebSocketReader(Peer peer) : peer_(peer) {}

  // Space for one read; ends the life of all views handed out before.
  ByteSpan prepare();
  void commit(std::size_t bytes);
  // nullopt: nothing whole is left; read more.
  std::optional<WsEvent> next();
  // The buffer to read into from now on; ends the life of all views handed out before. Without, it makes its own.
  void lend(Bytes buffer);
  // Gives it up, and keeps what is still needed of it in a buffer of just that size.
  Bytes take_back();
  std::size_t capacity_bytes() const { return buffer_.size() + assembly_.capacity(); }

 private:
  std::optional<WsCloseCode> judge(const WsHeader& header) const;
  std::optional<WsEvent> on_frame(const WsHeader& header, ByteSpan payload);
  std::optional<WsEvent> on_data(const WsHeader& header, ByteSpan payload);
  std::optional<WsEvent> on_close(ByteView payload);
  WsEvent violation(WsCloseCode code);

  Peer peer_;
  bool ended_ = false;       // after Closed or Violation nothing is read
  bool assembling_ = false;  // a fragmented message has begun
  std::size_t fragments_ = 0;
  std::size_t wanted_ = 0;  // the frame at the front has this many bytes
  std::size_t begin_ = 0;   // buffer_[begin_, end_) is unread input
  std::size_t end_ = 0;
  Bytes buffer_;
  Bytes assembly_;               // fragments so far
  std::vector<Bytes> finished_;  // messages made of fragments, handed out since the last prepare()
};

}  // namespace footbridge::wire
