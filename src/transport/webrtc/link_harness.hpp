// For the tests of links: two links of one engine on loopback, driven by an io_context of the test's thread.
// Everything waits on conditions with a deadline; nothing sleeps.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "transport/webrtc/engine.hpp"
#include "transport/webrtc/link.hpp"

namespace footbridge::webrtc {

// Runs the loop until `done` or the deadline; true if done.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    io.run_one_for(std::chrono::milliseconds(5));
  }
  return true;
}

// A user of a link that remembers what it was told.
struct LinkUser final : LinkEvents {
  void on_local_description(TimePoint, Private<std::string> sdp) override { description = std::move(sdp); }
  void on_open(TimePoint) override { ++opened; }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    for (const auto message : batch) {
      ++messages;
      bytes += message.size();
      if (on_message) on_message(message);
    }
    if (on_batch) on_batch();
  }
  void on_drained(TimePoint) override {
    ++drained;
    if (on_room) on_room();
  }
  void on_closed(TimePoint, PipeEnd why) override {
    ++closed;
    end = why;
  }

  std::optional<Private<std::string>> description;
  int opened = 0;
  int closed = 0;
  int drained = 0;
  std::size_t messages = 0;
  std::size_t bytes = 0;
  std::optional<PipeEnd> end;
  std::function<void(ByteView)> on_message;
  std::function<void()> on_batch;
  std::function<void()> on_room;
  std::unique_ptr<Link> link;
};

inline EngineConfig loopback_config(std::string_view address = "127.0.0.1") {
  EngineConfig config;
  config.allow_private_candidates = true;
  config.local_addresses = {*IpAddress::parse(address)};
  return config;
}

// An offerer ("client") and an answerer ("proxy").
struct LinkPair {
  explicit LinkPair(EngineConfig config = loopback_config()) : engine(std::move(config)) {}

  bool open(LinkConfig config) { return open(config, config); }
  bool open(LinkConfig offerer, LinkConfig answerer) {
    client.link = engine.offer(io.get_executor(), std::move(offerer), client);
    if (!run_until(io, [&] { return client.description.has_value(); })) return false;
    const auto proxy_best = answerer.best;
    proxy.link = engine.answer(io.get_executor(), std::move(answerer), *client.description, proxy);
    if (!run_until(io, [&] { return proxy.description.has_value(); })) return false;
    if (!client.link->accept_answer(*proxy.description, proxy_best)) return false;
    return run_until(io, [&] { return client.opened == 1 && proxy.opened == 1; });
  }

  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Engine engine;
  LinkUser client;
  LinkUser proxy;
};

}  // namespace footbridge::webrtc
