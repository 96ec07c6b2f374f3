// ByteSocket: a connected TCP socket whose bytes travel as they are, or inside TLS. Whoever reads and writes does not
// see the difference: HTTP and relay legs are written once.
//
// read_some() and write_some() never block; on_readable(), on_writable() and the coroutines below wait. TLS works
// directly on the descriptor, and knows no loop: a HandedSocket takes it to another thread like a plain one.
//
// Errors are Asio's: would_block, eof (the peer said that it is done, in TLS too), connection_reset (anything else;
// also a TLS stream that was cut off without its goodbye, so that nobody takes a part for the whole). Ownership:
// operations are over before the socket is moved or destroyed. Threads: the executor's one thread.
#pragma once

#include <boost/asio/post.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.hpp"
#include "io/asio.hpp"
#include "io/openssl.hpp"

namespace footbridge::io {

class ByteSocket {
 public:
  ByteSocket(tcp::socket socket);  // NOLINT: a plain socket *is* one
  // `tls` works on this socket's descriptor and has its handshake behind it, or before it (shake_hands()).
  ByteSocket(tcp::socket socket, TlsState tls);
  ByteSocket(ByteSocket&&) noexcept = default;
  ByteSocket& operator=(ByteSocket&&) noexcept = default;
  ~ByteSocket() = default;

  std::size_t read_some(std::span<std::byte> into, error_code& error);
  // After would_block the next call offers the same bytes again, or more behind them.
  std::size_t write_some(ByteView bytes, error_code& error);

  // The handler is called once, in a later turn, when a read (a write) is worth trying.
  template <class Handler>
  void on_readable(Handler handler) {
    if (has_unread()) return asio::post(socket_.get_executor(), [handler] { handler(error_code()); });
    socket_.async_wait(read_wait_, std::move(handler));
  }
  template <class Handler>
  void on_writable(Handler handler) {
    socket_.async_wait(asio::socket_base::wait_write, std::move(handler));
  }
  // The same for coroutines; cancellation throws.
  asio::awaitable<error_code> readable();
  asio::awaitable<error_code> writable();
  // operation_aborted: cancelled. For waits that mostly end so: throwing costs more than all the rest of them.
  asio::awaitable<error_code> readable_or_cancelled();

  // Nothing waits to be read: neither bytes, nor an end, nor an error. Takes in what TLS says of itself meanwhile.
  bool is_quiet() {
    bool ended = false;
    return is_quiet(ended);
  }
  // `ended`: an end or an error waits, and no bytes before it.
  bool is_quiet(bool& ended);
  // The first byte that waits below TLS; before its handshake.
  std::optional<unsigned char> peek();
  // No more writes from us; in TLS with its goodbye.
  void shutdown_send();
  // With TLS's goodbye, as far as the socket takes it at once.
  void close();
  // The peer sees a reset, as a program's that died.
  void abort();
  void cancel();

  bool is_tls() const { return tls_ != nullptr; }
  asio::any_io_executor executor() { return socket_.get_executor(); }
  tcp::socket& tcp_socket() { return socket_; }
  // Leaves nothing behind: for HandedSocket.
  std::pair<tcp::socket, TlsState> release() { return {std::move(socket_), std::move(tls_)}; }

 private:
  friend asio::awaitable<bool> shake_hands(ByteSocket& socket);
  bool has_unread() const;
  std::size_t note_read(int result, error_code& error);

  tcp::socket socket_;
  TlsState tls_;
  bool drained_ = false;  // the last read took all there was: what TLS still holds is no whole record
  asio::socket_base::wait_type read_wait_ = asio::socket_base::wait_read;  // TLS may have to write before it reads on
};

// TLS's handshake. False: it failed, and the error queue of OpenSSL says why (this thread, until its next use).
asio::awaitable<bool> shake_hands(ByteSocket& socket);

// Everything, or an error.
asio::awaitable<error_code> write_all(ByteSocket& socket, Bytes bytes);
// At least one byte, or an error.
asio::awaitable<std::pair<error_code, std::size_t>> read_more(ByteSocket& socket, std::span<std::byte> into);

}  // namespace footbridge::io
