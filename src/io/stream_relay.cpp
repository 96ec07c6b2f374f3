#include "io/stream_relay.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <span>

#include "io/clock.hpp"
#include "io/deadline_timer.hpp"

namespace footbridge::io {
namespace {

constexpr std::size_t kGatheredViews = 16;  // pages of the receive buffer that one write takes together

core::ResetCode reset_code_of(const error_code& error) {
  if (error == asio::error::operation_aborted) return core::ResetCode::Cancelled;
  return error == asio::error::timed_out ? core::ResetCode::TimedOut : core::ResetCode::ConnectionReset;
}

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

// Both directions and the deadline they share: what moves one way keeps the other alive.
class Relay {
 public:
  Relay(tcp::socket& socket, SessionStream& stream, const RelayLimits& limits)
      : socket_(socket),
        stream_(stream),
        limits_(limits),
        deadline_(socket.get_executor(), [this](TimePoint) { give_up(core::ResetCode::TimedOut); }) {
    error_code ignored;  // a dead socket says so at the first read
    socket_.non_blocking(true, ignored);
    stream_.when_broken([this] { give_up(core::ResetCode::Cancelled); });
    arm();
  }
  ~Relay() { stream_.when_broken({}); }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  asio::awaitable<void> to_stream();
  asio::awaitable<void> to_socket();
  const RelayedBytes& moved() const { return out_; }

 private:
  // While it lives, bytes wait for somebody; for ever, once a direction has ended.
  class Waiting {
   public:
    explicit Waiting(Relay& relay) : relay_(relay) { relay_.count_waiting(+1); }
    ~Waiting() { relay_.count_waiting(-1); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Relay& relay_;
  };

  void count_waiting(int by) {
    waiting_ += by;
    arm();
  }
  void arm() { deadline_.arm(now() + (waiting_ > 0 ? limits_.stuck : limits_.quiet)); }
  void give_up(core::ResetCode code);
  void shut_down(tcp::socket::shutdown_type direction);
  asio::awaitable<bool> await_room();
  error_code take_from_socket(Bytes& left);
  std::size_t give_to_socket(error_code& error);

  tcp::socket& socket_;
  SessionStream& stream_;
  RelayLimits limits_;
  RelayedBytes out_;
  int waiting_ = 0;
  DeadlineTimer deadline_;
};

// The application must see a reset as a reset, not as an end: it would take a truncated file for a whole one.
void Relay::give_up(core::ResetCode code) {
  out_.reset = true;
  stream_.reset(code);
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Relay::shut_down(tcp::socket::shutdown_type direction) {
  error_code ignored;
  if (socket_.is_open()) socket_.shutdown(direction, ignored);
  count_waiting(+1);
}

asio::awaitable<bool> Relay::await_room() {
  if (stream_.room() > 0) co_return true;
  const Waiting waiting(*this);
  co_return co_await stream_.writable();
}

// Reads no more than the session takes, so that nothing has to be kept. Only when memory is short something is `left`.
error_code Relay::take_from_socket(Bytes& left) {
  std::array<std::byte, kRelayChunkBytes> buffer;
  const auto room = std::min(stream_.room(), buffer.size());
  if (room == 0) return asio::error::would_block;  // another stream took it meanwhile
  error_code error;
  const auto count = socket_.read_some(asio::buffer(buffer.data(), room), error);
  const auto bytes = ByteView(buffer).first(count);
  out_.to_stream += count;
  left = to_bytes(bytes.subspan(stream_.write_some(bytes)));
  return error;
}

asio::awaitable<void> Relay::to_stream() {
  // Without room the far side reads no more. What it has sent already still counts, so only this direction ends.
  while (co_await await_room()) {
    const auto [broken] = co_await socket_.async_wait(tcp::socket::wait_read, no_throw);
    if (broken) co_return give_up(reset_code_of(broken));
    Bytes left;
    const auto error = take_from_socket(left);
    if (error == asio::error::eof) {
      stream_.finish();
      co_return count_waiting(+1);
    }
    if (error && !would_block(error)) co_return give_up(reset_code_of(error));
    if (!left.empty()) {
      const Waiting waiting(*this);
      if (!co_await stream_.write(left)) break;
    }
    arm();
  }
  shut_down(tcp::socket::shutdown_receive);
}

// The stream's bytes are only borrowed: they are looked at anew after each wait, because a reset takes them away.
std::size_t Relay::give_to_socket(error_code& error) {
  std::array<ByteView, kGatheredViews> views;
  std::array<asio::const_buffer, kGatheredViews> buffers;
  const auto count = stream_.peek(views);
  for (std::size_t i = 0; i < count; ++i) buffers[i] = {views[i].data(), views[i].size()};
  const auto written = socket_.write_some(std::span(buffers).first(count), error);
  stream_.consume(written);
  out_.to_socket += written;
  return written;
}

asio::awaitable<void> Relay::to_socket() {
  for (;;) {
    const auto arrival = co_await stream_.readable();
    if (arrival == SessionStream::Arrival::End) co_return shut_down(tcp::socket::shutdown_send);
    if (arrival == SessionStream::Arrival::Reset) co_return give_up(core::ResetCode::Cancelled);
    error_code error;
    if (give_to_socket(error) > 0) arm();
    if (would_block(error)) {
      const Waiting waiting(*this);
      const auto [broken] = co_await socket_.async_wait(tcp::socket::wait_write, no_throw);
      error = broken;
    }
    if (error) co_return give_up(core::ResetCode::Cancelled);
  }
}

}  // namespace

asio::awaitable<RelayedBytes> relay(tcp::socket& socket, SessionStream& stream, RelayLimits limits) {
  using namespace asio::experimental::awaitable_operators;
  Relay both(socket, stream, limits);
  co_await (both.to_stream() && both.to_socket());
  co_return both.moved();
}

}  // namespace footbridge::io
