// LocalConnection: an application's TCP connection, with the bytes that were read and not yet used.
// Bounds: at most kMaxReadAheadBytes are kept. One coroutine reads, one writes. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "programs/client/http_framing.hpp"

namespace footbridge::client {

// The largest head, and what comes with it in one read.
inline constexpr std::size_t kMaxReadAheadBytes = kMaxHttpHeadBytes + 16 * 1024;
// For the application to read an answer that came before the end of its upload.
inline constexpr Millis kLingerLimit{1'000};

enum class Arrived : std::uint8_t {
  Bytes,   // there is more in buffered() than before
  End,     // the sender has finished
  Broken,  // reset, closed by us, or cancelled
  Full,    // the bound is reached
};

class LocalConnection {
 public:
  explicit LocalConnection(io::tcp::socket socket) : socket_(std::move(socket)) {}

  io::tcp::socket& socket() { return socket_; }
  ByteView buffered() const { return buffer_; }
  void consume(std::size_t count);
  Bytes take_buffered() { return std::exchange(buffer_, {}); }

  asio::awaitable<Arrived> fill();
  // False: the application is gone.
  asio::awaitable<bool> write(ByteView borrow_bytes);

  // Returns when the application has hung up: reset, or closed with nothing left to say. What it sends meanwhile is
  // buffered. An end after bytes that nobody has used yet is a half-close, not a hang-up.
  asio::awaitable<void> until_hung_up();
  // The same without reading: for when the buffer is somebody else's. Only a reset counts.
  asio::awaitable<void> until_reset();

  // The application sees a broken connection instead of an end, and does not take what it has for all of it.
  void abort();
  // What was written arrives, then the connection ends.
  asio::awaitable<void> close_gently();

 private:
  io::tcp::socket socket_;
  Bytes buffer_;
};

}  // namespace footbridge::client
