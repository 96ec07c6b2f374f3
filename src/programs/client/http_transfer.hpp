// The two halves of moving an HTTP message: read its head, and forward its body as it is. For both directions: a Source
// is a LocalConnection or a StreamReader, a Sink a LocalConnection or an io::SessionStream.
//
// References outlive the calls. Cancelling ends them at once. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>

#include "programs/client/http_framing.hpp"
#include "programs/client/local_connection.hpp"

namespace footbridge::client {

enum class HeadRead : std::uint8_t {
  Whole,
  Ended,      // the sender finished before the head was whole
  Broken,     // the connection broke
  Malformed,  // not HTTP/1.x
  TooLarge,   // above kMaxHttpHeadBytes
};

template <class Parser, class Source>
asio::awaitable<HeadRead> read_head(Parser& parser, Source& source) {
  for (;;) {
    if (!source.buffered().empty()) {
      io::error_code error;
      source.consume(parser.put(as_buffer(source.buffered()), error));
      if (parser.is_header_done() && !error) co_return HeadRead::Whole;
      if (error == beast_http::error::header_limit) co_return HeadRead::TooLarge;
      if (error && error != beast_http::error::need_more) co_return HeadRead::Malformed;
    }
    switch (co_await source.fill()) {
      case Arrived::Bytes: continue;
      case Arrived::End: co_return HeadRead::Ended;
      case Arrived::Broken: co_return HeadRead::Broken;
      case Arrived::Full: co_return HeadRead::TooLarge;
    }
  }
}

enum class BodyEnd : std::uint8_t {
  Complete,
  Truncated,  // the sender finished before the end of the body, which its head told; the receiver sees it too
  Broken,     // the connection broke
  SinkGone,   // nobody reads any more
  Malformed,  // chunks that are none
};

// Forwards what the parser says belongs to the message, and nothing after it. `moved` is called after each piece.
template <class Parser, class Source, class Sink>
asio::awaitable<BodyEnd> forward_body(Parser& parser, Source& source, Sink& sink, std::function<void()> moved) {
  parser.eager(true);
  while (!parser.is_done()) {
    std::size_t taken = 0;
    if (!source.buffered().empty()) {
      io::error_code error;
      taken = parser.put(as_buffer(source.buffered()), error);
      if (error && error != beast_http::error::need_more) co_return BodyEnd::Malformed;
    }
    if (taken > 0) {
      if (!co_await sink.write(source.buffered().first(taken))) co_return BodyEnd::SinkGone;
      source.consume(taken);
      moved();
      continue;
    }
    const auto arrived = co_await source.fill();
    if (arrived == Arrived::Bytes) continue;
    if (arrived == Arrived::Full) co_return BodyEnd::Malformed;  // a chunk's head without an end
    if (arrived == Arrived::Broken) co_return BodyEnd::Broken;
    if (!parser.need_eof()) co_return BodyEnd::Truncated;
    io::error_code error;
    parser.put_eof(error);
    if (error) co_return BodyEnd::Truncated;
  }
  co_return BodyEnd::Complete;
}

}  // namespace footbridge::client
