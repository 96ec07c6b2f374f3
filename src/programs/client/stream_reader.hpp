// StreamReader: a stream's bytes laid together, so that a parser sees a head or a chunk's length in one piece.
// Same shape as LocalConnection's reading half. Bounds: kMaxReadAheadBytes. Threads: the executor's one thread.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "io/session_stream.hpp"
#include "programs/client/local_connection.hpp"

namespace footbridge::client {

class StreamReader {
 public:
  explicit StreamReader(io::SessionStream& stream) : stream_(stream) {}  // the stream outlives the reader

  ByteView buffered() const { return buffer_; }
  void consume(std::size_t count);
  asio::awaitable<Arrived> fill();

 private:
  io::SessionStream& stream_;
  Bytes buffer_;
};

}  // namespace footbridge::client
