#include "programs/client/local_connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "io/clock.hpp"
#include "io/deadline_timer.hpp"

namespace footbridge::client {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;  // what the kernel gives in one call on loopback, most of the time

}  // namespace

void LocalConnection::consume(std::size_t count) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
}

asio::awaitable<Arrived> LocalConnection::fill() {
  const auto had = buffer_.size();
  if (had >= kMaxReadAheadBytes) co_return Arrived::Full;
  buffer_.resize(had + std::min(kReadBytes, kMaxReadAheadBytes - had));
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(buffer_.data() + had, buffer_.size() - had), io::no_throw);
  buffer_.resize(had + count);
  if (!error) co_return Arrived::Bytes;
  co_return error == asio::error::eof ? Arrived::End : Arrived::Broken;
}

asio::awaitable<bool> LocalConnection::write(ByteView borrow_bytes) {
  const auto [error, count] = co_await asio::async_write(socket_, as_buffer(borrow_bytes), io::no_throw);
  co_return !error;
}

asio::awaitable<void> LocalConnection::until_hung_up() {
  for (;;) {
    switch (co_await fill()) {
      case Arrived::Bytes: continue;
      case Arrived::Broken: co_return;
      case Arrived::End:
        if (buffer_.empty()) co_return;
        co_return co_await until_reset();
      case Arrived::Full: co_return co_await until_reset();
    }
  }
}

asio::awaitable<void> LocalConnection::until_reset() {
  static_cast<void>(co_await socket_.async_wait(io::tcp::socket::wait_error, io::no_throw));
}

void LocalConnection::abort() {
  io::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

asio::awaitable<void> LocalConnection::close_gently() {
  io::error_code ignored;
  socket_.shutdown(io::tcp::socket::shutdown_send, ignored);
  // Closing with unread bytes would reset the connection under an answer that is still on its way.
  io::DeadlineTimer limit(socket_.get_executor(), [this](TimePoint) {
    io::error_code closed;
    socket_.close(closed);
  });
  limit.arm(io::now() + kLingerLimit);
  buffer_.clear();
  while (co_await fill() == Arrived::Bytes) buffer_.clear();
  socket_.close(ignored);
}

}  // namespace footbridge::client
