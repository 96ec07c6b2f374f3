// HandedSocket: a connected socket, with the TLS on it if there is any, on its way from one loop to another, on another
// thread. It belongs to no loop meanwhile, and closes if nobody takes it up: a loop that ends drops what was posted to
// it.
//
// Threads: made on the old loop's thread, with no operation pending on the socket; taken up on the new one's.
#pragma once

#include <optional>
#include <unistd.h>
#include <utility>

#include "io/byte_socket.hpp"

namespace footbridge::io {

class HandedSocket {
 public:
  explicit HandedSocket(ByteSocket from) {
    auto [socket, tls] = from.release();
    error_code error;
    const auto local = socket.local_endpoint(error);
    if (error) return;  // dead already: nothing is handed over
    protocol_ = local.protocol();
    const auto descriptor = socket.release(error);
    if (error) return;
    descriptor_ = descriptor;
    tls_ = std::move(tls);
  }
  HandedSocket(HandedSocket&& other) noexcept
      : protocol_(other.protocol_),
        descriptor_(std::exchange(other.descriptor_, std::nullopt)),
        tls_(std::move(other.tls_)) {}
  HandedSocket& operator=(HandedSocket&& other) noexcept {
    std::swap(protocol_, other.protocol_);
    std::swap(descriptor_, other.descriptor_);
    std::swap(tls_, other.tls_);
    return *this;
  }
  ~HandedSocket() {
    if (descriptor_) ::close(*descriptor_);
  }

  // Once. nullopt: it was dead already.
  std::optional<ByteSocket> take_up(const asio::any_io_executor& executor) {
    if (!descriptor_) return std::nullopt;
    tcp::socket socket(executor);
    error_code error;
    socket.assign(protocol_, *descriptor_, error);
    if (error) return std::nullopt;
    descriptor_.reset();
    return ByteSocket(std::move(socket), std::move(tls_));
  }

 private:
  tcp protocol_ = tcp::v4();
  std::optional<int> descriptor_;
  TlsState tls_;  // works on the descriptor, wherever that is
};

}  // namespace footbridge::io
