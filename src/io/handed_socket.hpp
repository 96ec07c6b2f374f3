// HandedSocket: a connected TCP socket on its way from one loop to another, on another thread. It belongs to no loop
// meanwhile, and closes if nobody takes it up: a loop that ends drops what was posted to it.
//
// Threads: made on the old loop's thread, with no operation pending on the socket; taken up on the new one's.
#pragma once

#include <optional>
#include <unistd.h>
#include <utility>

#include "io/asio.hpp"

namespace footbridge::io {

class HandedSocket {
 public:
  explicit HandedSocket(tcp::socket socket) {
    error_code error;
    const auto local = socket.local_endpoint(error);
    if (error) return;  // dead already: nothing is handed over
    protocol_ = local.protocol();
    const auto descriptor = socket.release(error);
    if (!error) descriptor_ = descriptor;
  }
  HandedSocket(HandedSocket&& other) noexcept
      : protocol_(other.protocol_), descriptor_(std::exchange(other.descriptor_, std::nullopt)) {}
  HandedSocket& operator=(HandedSocket&& other) noexcept {
    std::swap(protocol_, other.protocol_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~HandedSocket() {
    if (descriptor_) ::close(*descriptor_);
  }

  // Once. nullopt: it was dead already.
  std::optional<tcp::socket> take_up(const asio::any_io_executor& executor) {
    if (!descriptor_) return std::nullopt;
    tcp::socket socket(executor);
    error_code error;
    socket.assign(protocol_, *descriptor_, error);
    if (error) return std::nullopt;
    descriptor_.reset();
    return socket;
  }

 private:
  tcp protocol_ = tcp::v4();
  std::optional<int> descriptor_;
};

}  // namespace footbridge::io
