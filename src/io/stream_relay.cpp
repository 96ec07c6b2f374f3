#include "io/stream_relay.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <vector>

namespace footbridge::io {
namespace {

constexpr std::size_t kGatheredViews = 16;  // pages of the receive buffer that one write takes together

// The application must see a reset as a reset, not as an end: it would take a truncated file for a whole one.
void abort_socket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

core::ResetCode reset_code_of(const error_code& error) {
  return error == asio::error::timed_out ? core::ResetCode::TimedOut : core::ResetCode::ConnectionReset;
}

asio::awaitable<void> socket_to_stream(tcp::socket& socket, SessionStream& stream, RelayedBytes& out) {
  Bytes buffer(kRelayChunkBytes);
  for (;;) {
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(buffer), no_throw);
    if (error == asio::error::eof) {
      stream.finish();
      co_return;
    }
    if (error) {
      out.reset = true;
      stream.reset(error == asio::error::operation_aborted ? core::ResetCode::Cancelled : reset_code_of(error));
      abort_socket(socket);
      co_return;
    }
    if (!co_await stream.write(ByteView(buffer).first(count))) {
      // The far side reads no more. What it has sent already still counts, so only this direction ends.
      error_code ignored;
      if (socket.is_open()) socket.shutdown(tcp::socket::shutdown_receive, ignored);
      co_return;
    }
    out.to_stream += count;
  }
}

asio::awaitable<void> stream_to_socket(tcp::socket& socket, SessionStream& stream, RelayedBytes& out) {
  std::array<ByteView, kGatheredViews> views;
  std::vector<asio::const_buffer> buffers;
  for (;;) {
    const auto arrival = co_await stream.readable();
    if (arrival == SessionStream::Arrival::End) {
      error_code ignored;
      if (socket.is_open()) socket.shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    if (arrival == SessionStream::Arrival::Reset) {
      out.reset = true;
      abort_socket(socket);
      co_return;
    }
    buffers.clear();
    const auto count = stream.peek(views);
    for (std::size_t i = 0; i < count; ++i) buffers.emplace_back(views[i].data(), views[i].size());
    const auto [error, written] = co_await socket.async_write_some(buffers, no_throw);
    if (error) {
      out.reset = true;
      stream.reset(core::ResetCode::Cancelled);
      abort_socket(socket);
      co_return;
    }
    stream.consume(written);
    out.to_socket += written;
  }
}

}  // namespace

asio::awaitable<RelayedBytes> relay(tcp::socket& socket, SessionStream& stream) {
  using namespace asio::experimental::awaitable_operators;
  RelayedBytes out;
  co_await (socket_to_stream(socket, stream, out) && stream_to_socket(socket, stream, out));
  co_return out;
}

}  // namespace footbridge::io
