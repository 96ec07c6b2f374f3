// Our end of an echo over a relay leg, for a foreign WebSocket stack at the other:
//   ws_echo_peer accept         prints its port, echoes the messages of one leg, ends when the peer closes it
//   ws_echo_peer dial URL N     sends N messages of growing size, checks the echoes, closes
// Exit status 0: every byte came back and the close was in order.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/task_scope.hpp"
#include "transport/http/server.hpp"
#include "transport/ws/handshake.hpp"

namespace footbridge {
namespace {

using namespace std::chrono_literals;
constexpr auto kLimit = 60s;

struct Echo final : PipeEvents {
  void on_open(TimePoint) override { opened = true; }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    for (const auto& message : batch) {
      ++count;
      if (echoing) static_cast<void>(leg->send(message));
      if (!echoing) wrong = wrong || !std::ranges::equal(message, expected(count - 1));
    }
    if (echoing) leg->flush();
  }
  void on_drained(TimePoint) override {}
  void on_closed(TimePoint, PipeEnd end) override { closed = end; }

  // Sizes around every boundary of the frame's length, then growing.
  static Bytes expected(std::size_t index) {
    constexpr std::size_t kSizes[] = {0, 1, 125, 126, 127, 1132, 4528, 9056, 65535, 65536};
    SeededRng rng(index);
    return rng.bytes(index < std::size(kSizes) ? kSizes[index] : index * 37 % 9056);
  }

  std::unique_ptr<ws::Leg> leg;
  bool echoing = true;
  bool opened = false;
  bool wrong = false;
  std::size_t count = 0;
  std::optional<PipeEnd> closed;
};

struct Door final : http::Handler {
  Door(asio::any_io_executor executor, Echo& to)
      : scope(std::move(executor), "door", io::TaskScope::kOthersGoOn), echo(to) {}
  asio::awaitable<http::Response> handle(http::Request) override { co_return http::decoy(); }
  bool take_upgrade(io::HttpUpgrade& upgrade) override {
    if (!ws::is_leg_request(upgrade.head.reveal_to_socket())) return false;
    scope.spawn([](Door& self, io::HttpUpgrade taken) -> asio::awaitable<void> {
      self.echo.leg = co_await ws::accept(std::move(taken), self.rng);
      if (self.echo.leg) self.echo.leg->start(self.echo);
    }(*this, std::move(upgrade)));
    return true;
  }
  io::TaskScope scope;
  SeededRng rng{1};
  Echo& echo;
};

template <class Condition>
bool run_until(asio::io_context& context, Condition condition) {
  const auto deadline = io::to_steady(io::now() + kLimit);
  while (!condition())
    if (context.run_one_until(deadline) == 0) return condition();
  return true;
}

int accept_one() {
  asio::io_context context(1);
  Echo echo;
  Door door(context.get_executor(), echo);
  http::Server server(context.get_executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, door);
  io::TaskScope scope(context.get_executor(), "peer", io::TaskScope::kOthersGoOn);
  scope.spawn(server.run());
  std::printf("%u\n", static_cast<unsigned>(server.local().port));
  std::fflush(stdout);
  const bool done = run_until(context, [&] { return echo.closed.has_value(); });
  asio::post(context, [&] { scope.cancel(); });
  run_until(context, [&] { return scope.empty() && door.scope.empty(); });
  return done && echo.closed == PipeEnd::Remote && echo.count > 0 ? 0 : 1;
}

struct NoNames final : io::Resolver {
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override { co_return io::ResolveErrc::NoSuchName; }
};

asio::awaitable<void> open(io::Connector& connector, wire::Url url, Rng& rng, Echo& echo) {
  auto leg = co_await ws::dial(connector, std::move(url), rng);
  if (!leg) co_return;
  echo.leg = std::move(*leg);
  echo.leg->start(echo);
}

int dial_one(const char* text, std::size_t total) {
  asio::io_context context(1);
  NoNames names;
  const auto anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector(context.get_executor(), names, anywhere);
  SeededRng rng{2};
  Echo echo;
  echo.echoing = false;
  const auto url = wire::parse_url(text);
  if (!url) return 2;
  io::TaskScope scope(context.get_executor(), "peer", io::TaskScope::kOthersGoOn);
  scope.spawn(open(connector, *url, rng, echo));
  if (!run_until(context, [&] { return scope.empty(); }) || !echo.leg) return 3;
  for (std::size_t sent = 0; sent < total && !echo.closed; ++sent) {
    if (!run_until(context, [&] { return echo.opened && (echo.leg->backlog_bytes() == 0 || echo.closed); })) return 4;
    static_cast<void>(echo.leg->send(Echo::expected(sent)));
    echo.leg->flush();
  }
  if (!run_until(context, [&] { return echo.count == total || echo.closed; }) || echo.wrong || echo.closed) return 5;
  echo.leg->close(PipeEnd::Local);
  if (!run_until(context, [&] { return echo.closed.has_value(); })) return 6;
  return echo.closed == PipeEnd::Local ? 0 : 7;
}

}  // namespace
}  // namespace footbridge

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "accept") return footbridge::accept_one();
  if (argc == 4 && std::string_view(argv[1]) == "dial")
    return footbridge::dial_one(argv[2], static_cast<std::size_t>(std::atoi(argv[3])));
  std::fputs("usage: ws_echo_peer accept | dial URL COUNT\n", stderr);
  return 2;
}
