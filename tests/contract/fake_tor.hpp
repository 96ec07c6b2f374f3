// Tests only: an OR port and an extended OR port as tor has them, which note what they hear and send a client's bytes
// back. What is wrong with them can be chosen.
#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_reader.hpp"
#include "crypto/primitives.hpp"
#include "io/listener.hpp"

namespace footbridge::test {

enum class TorMood : std::uint8_t { OrPort, ExtOrPort, KnowsAnotherCookie, Denies, SaysNothing };

class FakeTor {
 public:
  FakeTor(asio::any_io_executor executor, TorMood mood) : mood_(mood), listener_(executor, options()) {}
  Endpoint local() const { return listener_.local(); }
  asio::awaitable<void> run() {
    co_await listener_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); });
  }

  Bytes cookie{32, std::byte{7}};
  std::size_t connections = 0;
  std::vector<std::pair<std::uint16_t, std::string>> commands;  // of all connections
  Bytes after_server_hash;                                      // whatever comes when the hash was a wrong one
  Bytes relayed;                                                // what clients said

 private:
  static io::ListenOptions options() {
    io::ListenOptions out;
    out.address = Endpoint{IpAddress::v4(0x7f000001), 0};
    return out;
  }
  static asio::awaitable<Bytes> read(io::tcp::socket& from, std::size_t count) {
    Bytes out(count);
    const auto [error, got] = co_await asio::async_read(from, asio::buffer(out), io::no_throw);
    out.resize(error ? 0 : got);
    co_return out;
  }
  static asio::awaitable<void> write(io::tcp::socket& to, Bytes bytes) {
    static_cast<void>(co_await asio::async_write(to, asio::buffer(bytes), io::no_throw));
  }
  asio::awaitable<void> serve(io::Accepted accepted) {
    ++connections;
    auto& socket = accepted.socket;
    if (mood_ != TorMood::OrPort && !co_await shake_hands(socket)) co_return;
    for (auto bytes = co_await read(socket, 1); !bytes.empty(); bytes = co_await read(socket, 1)) {
      append(relayed, bytes);
      co_await write(socket, std::move(bytes));
    }
  }
  asio::awaitable<bool> shake_hands(io::tcp::socket& socket) {
    if (mood_ == TorMood::SaysNothing) co_return !(co_await read(socket, 1)).empty();
    co_await write(socket, {std::byte{1}, std::byte{0}});
    const auto chosen = co_await read(socket, 33);
    if (chosen.size() != 33) co_return false;
    const Bytes nonce(32, std::byte{9});
    auto message = to_bytes("ExtORPort authentication server-to-client hash");
    append(message, ByteView(chosen).subspan(1));
    append(message, nonce);
    const auto known = mood_ == TorMood::KnowsAnotherCookie ? Bytes(32) : cookie;
    auto answer = to_bytes(crypto::hmac_sha256(known, message));
    append(answer, nonce);
    co_await write(socket, std::move(answer));
    if (mood_ == TorMood::KnowsAnotherCookie) {
      append(after_server_hash, co_await read(socket, 1));
      co_return false;
    }
    if ((co_await read(socket, 32)).empty()) co_return false;
    co_await write(socket, {std::byte{1}});
    std::uint16_t command = 1;
    while (command != 0) {
      const auto head = co_await read(socket, 4);
      if (head.empty()) co_return false;
      ByteReader in(head);
      command = *in.u16();
      const std::size_t length = *in.u16();
      commands.emplace_back(command, to_string(co_await read(socket, length)));
    }
    const bool deny = mood_ == TorMood::Denies;
    co_await write(socket, {std::byte{0x10}, std::byte{deny}, std::byte{0}, std::byte{0}});
    co_return !deny;
  }

  TorMood mood_;
  io::Listener listener_;
};

}  // namespace footbridge::test
