#include "io/byte_socket.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace footbridge::io {
namespace {

error_code error_of(const ssl_st* tls, int result) {
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
    default: return asio::error::connection_reset;
  }
}

int clamped(std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX)); }

}  // namespace

void FreeTls::operator()(ssl_st* state) const { SSL_free(state); }
void FreeTls::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

ByteSocket::ByteSocket(tcp::socket socket) : ByteSocket(std::move(socket), nullptr) {}

ByteSocket::ByteSocket(tcp::socket socket, TlsState tls) : socket_(std::move(socket)), tls_(std::move(tls)) {
  error_code ignored;  // a dead socket says so at the first read
  socket_.non_blocking(true, ignored);
}

std::size_t ByteSocket::read_some(std::span<std::byte> into, error_code& error) {
  if (tls_ == nullptr) return socket_.read_some(asio::buffer(into.data(), into.size()), error);
  error = {};
  ERR_clear_error();
  return note_read(SSL_read(tls_.get(), into.data(), clamped(into.size())), error);
}

std::size_t ByteSocket::note_read(int result, error_code& error) {
  drained_ = result <= 0;
  read_wait_ = asio::socket_base::wait_read;
  if (result > 0) return static_cast<std::size_t>(result);
  error = error_of(tls_.get(), result);
  if (SSL_want_write(tls_.get())) read_wait_ = asio::socket_base::wait_write;
  return 0;
}

std::size_t ByteSocket::write_some(ByteView bytes, error_code& error) {
  if (tls_ == nullptr) return socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  error = {};
  if (bytes.empty()) return 0;
  ERR_clear_error();
  const int count = SSL_write(tls_.get(), bytes.data(), clamped(bytes.size()));
  if (count > 0) return static_cast<std::size_t>(count);
  error = error_of(tls_.get(), count);
  return 0;
}

// Decrypted, or taken off the socket and not looked at yet.
bool ByteSocket::has_unread() const { return tls_ != nullptr && !drained_ && SSL_has_pending(tls_.get()) == 1; }

asio::awaitable<error_code> ByteSocket::readable() {
  if (has_unread()) co_return error_code();
  const auto [error] = co_await socket_.async_wait(read_wait_, no_throw);
  throw_if_aborted(error);
  co_return error;
}

asio::awaitable<error_code> ByteSocket::readable_or_cancelled() {
  if (has_unread()) co_return error_code();
  const auto [error] = co_await socket_.async_wait(read_wait_, no_throw);
  co_return error;
}

asio::awaitable<error_code> ByteSocket::writable() {
  const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, no_throw);
  throw_if_aborted(error);
  co_return error;
}

bool ByteSocket::is_quiet(bool& ended) {
  char peeked = 0;
  bool quiet = false;
  bool bytes = false;
  if (tls_ == nullptr) {
    const auto count = ::recv(socket_.native_handle(), &peeked, 1, MSG_PEEK | MSG_DONTWAIT);
    bytes = count > 0;
    quiet = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  } else {
    ERR_clear_error();
    error_code error;
    bytes = note_read(SSL_peek(tls_.get(), &peeked, 1), error) > 0;
    quiet = error == asio::error::would_block;
  }
  ended = !bytes && !quiet;
  return quiet;
}

std::optional<unsigned char> ByteSocket::peek() {
  unsigned char byte = 0;
  return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? std::optional(byte) : std::nullopt;
}

void ByteSocket::shutdown_send() {
  ERR_clear_error();
  if (tls_ != nullptr && SSL_is_init_finished(tls_.get()) == 1) SSL_shutdown(tls_.get());
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void ByteSocket::close() {
  ERR_clear_error();
  if (tls_ != nullptr && SSL_is_init_finished(tls_.get()) == 1) SSL_shutdown(tls_.get());
  error_code ignored;
  socket_.close(ignored);
}

void ByteSocket::abort() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void ByteSocket::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

asio::awaitable<bool> shake_hands(ByteSocket& socket) {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(socket.tls_.get());
    if (result == 1) co_return true;
    const int want = SSL_get_error(socket.tls_.get(), result);
    if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) co_return false;
    const auto way = want == SSL_ERROR_WANT_READ ? asio::socket_base::wait_read : asio::socket_base::wait_write;
    const auto [error] = co_await socket.socket_.async_wait(way, no_throw);
    throw_if_aborted(error);
    if (error) co_return false;
  }
}

asio::awaitable<error_code> write_all(ByteSocket& socket, Bytes bytes) {
  for (ByteView rest = bytes; !rest.empty();) {
    error_code error;
    const auto count = socket.write_some(rest, error);
    rest = rest.subspan(count);
    if (error == asio::error::would_block) error = co_await socket.writable();
    if (error) co_return error;
  }
  co_return error_code();
}

asio::awaitable<std::pair<error_code, std::size_t>> read_more(ByteSocket& socket, std::span<std::byte> into) {
  for (;;) {
    error_code error;
    const auto count = socket.read_some(into, error);
    if (error == asio::error::would_block) error = co_await socket.readable();
    if (error || count > 0) co_return std::pair(error, count);
  }
}

}  // namespace footbridge::io
