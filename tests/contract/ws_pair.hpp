// Two legs on loopback, or one leg and a raw socket, and a user that writes down what it hears.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "contract/loop.hpp"
#include "io/endpoint.hpp"
#include "transport/ws/leg.hpp"

namespace footbridge::test {

struct Heard final : PipeEvents {
  void on_open(TimePoint) override { open = true; }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    ++batches;
    largest_batch = std::max(largest_batch, batch.size());
    for (const auto& message : batch) {
      ++count;
      bytes += message.size();
      if (keep) messages.push_back(to_bytes(message));
      if (expected) intact = intact && std::ranges::equal(message, *expected);
    }
    if (on_batch) on_batch();
  }
  void on_drained(TimePoint) override { ++drained; }
  void on_closed(TimePoint at, PipeEnd end) override {
    EXPECT_FALSE(closed) << "closed twice";
    closed = end;
    closed_at = at;
  }
  bool open = false;
  bool keep = true;
  std::size_t batches = 0, largest_batch = 0, count = 0, bytes = 0, drained = 0;
  std::optional<Bytes> expected;  // every message must be this one
  bool intact = true;
  std::vector<Bytes> messages;
  std::optional<PipeEnd> closed;
  TimePoint closed_at{};
  std::function<void()> on_batch;
};

inline std::pair<asio::ip::tcp::socket, asio::ip::tcp::socket> socket_pair(Loop& loop) {
  asio::ip::tcp::acceptor acceptor(loop.executor(), {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket dialled(loop.executor());
  dialled.connect(acceptor.local_endpoint());
  return {std::move(dialled), acceptor.accept()};
}

struct LegPair {
  explicit LegPair(Loop& in, ws::Leg::Timing timing = {}) : loop(in) {
    auto [left, right] = socket_pair(in);
    client = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(left), ws::Role::Client, {}, {}}, rng);
    server = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(right), ws::Role::Server, {}, {}}, rng);
    client->set_timing_for_test(timing);
    server->set_timing_for_test(timing);
    client->start(at_client);
    server->start(at_server);
    EXPECT_TRUE(loop.until([&] { return at_client.open && at_server.open; }));
  }
  Loop& loop;
  SeededRng rng{7};
  Heard at_client, at_server;
  std::unique_ptr<ws::Leg> client, server;
};

// A server-side leg whose peer is a bare socket that speaks whatever the test writes.
struct RawPeer {
  explicit RawPeer(Loop& in, ws::Leg::Timing timing = {}) : loop(in), socket(in.executor()) {
    auto [left, right] = socket_pair(in);
    socket = std::move(left);
    leg = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(right), ws::Role::Server, {}, {}}, rng);
    leg->set_timing_for_test(timing);
    leg->start(heard);
    EXPECT_TRUE(loop.until([&] { return heard.open; }));
    socket.non_blocking(true);
  }
  void write(ByteView bytes) {
    while (!bytes.empty()) {
      boost::system::error_code error;
      const auto count = socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      if (error && error != asio::error::would_block) return;
      bytes = bytes.subspan(count);
      if (error) loop.settle(Millis{1});
    }
  }
  // What the leg has sent so far.
  Bytes& read() {
    std::array<std::byte, 65536> chunk{};
    for (;;) {
      boost::system::error_code error;
      const auto count = socket.read_some(asio::buffer(chunk), error);
      ended = ended || error == asio::error::eof || error == asio::error::connection_reset;
      if (error) return received;
      append(received, ByteView(chunk).first(count));
    }
  }
  Loop& loop;
  SeededRng rng{8};
  asio::ip::tcp::socket socket;
  Heard heard;
  std::unique_ptr<ws::Leg> leg;
  Bytes received;
  bool ended = false;
};

}  // namespace footbridge::test
