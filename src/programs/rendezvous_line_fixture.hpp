// For tests: a line on real sockets, a broker that answers it, and what it remembers.
#pragma once

#include <string>
#include <vector>

#include "io/wakeup.hpp"
#include "programs/line_fixture.hpp"

namespace footbridge {

// Answers every request with its own body.
struct EchoBroker final : http::Handler {
  asio::awaitable<http::Response> handle(http::Request request) override {
    ++requests;
    if (hold) {
      io::Wakeup never(co_await asio::this_coro::executor);
      static_cast<void>(co_await never.wait());
    }
    http::Response response;
    response.body = std::move(request.body);
    co_return response;
  }
  std::size_t requests = 0;
  bool hold = false;  // what comes now
};

// In one place, unless a test moves it. What it holds in the beginning: all ways, in this order.
struct Memory : WayMemory {
  explicit Memory(Rng& rng) : WayMemory(std::nullopt, rng, [this] { return text(); }) {}
  Memory(Rng& rng, const std::vector<http::Route>& ways, const std::vector<std::size_t>& order) : Memory(rng) {
    for (auto at = order.rbegin(); at != order.rend(); ++at) helped(io::unix_now(), *here(), ways, *at, {});
  }
  std::vector<std::size_t> helpers(const std::vector<http::Route>& ways) const {
    return WayMemory::helpers(io::unix_now(), *here(), ways);
  }
  std::optional<Private<std::string>> text() const {
    return network.empty() ? std::nullopt : std::optional(Private(network));
  }
  std::string network = "home";  // empty: it cannot be told
};

struct RendezvousLineTest : LineFixture {
  EchoBroker broker;
  http::Server server{context.get_executor(), {.address = kAnyPort}, broker};
  std::vector<std::uint64_t> answered;
  RendezvousLine line{
      context.get_executor(), connector, {{way_to(server)}}, rng, [this](std::uint64_t id, RendezvousLine::Answer) {
        answered.push_back(id);
      }};

  RendezvousLineTest() { scope.spawn(server.run()); }
  ~RendezvousLineTest() override {
    run(line.close());
    end();
  }
};

}  // namespace footbridge
