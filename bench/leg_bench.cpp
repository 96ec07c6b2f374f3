// What a relay leg costs: messages through two WebSocket ends over TCP on loopback, per size and direction, both ends
// together in one thread, the kernel's work included. Up is what a proxy sends (masked), down what an egress sends; the
// same in TLS.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "base/rng.hpp"
#include "io/asio.hpp"
#include "io/clock.hpp"
#include "io/test_certificates.hpp"
#include "io/tls_client.hpp"
#include "ops/scratch_dir.hpp"
#include "part.hpp"
#include "transport/ws/leg.hpp"

namespace footbridge::bench {
namespace {

constexpr std::uint64_t kRoundBytes = 1U << 20;
constexpr std::size_t kBatchBytes = 64U << 10;  // what a relay's queue holds

struct Counter final : PipeEvents {
  void on_open(TimePoint) override { open = true; }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    for (const auto message : batch) bytes += message.size();
    messages += batch.size();
  }
  void on_drained(TimePoint) override {}
  void on_closed(TimePoint, PipeEnd) override { std::abort(); }
  bool open = false;
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
};

// Both ends of a connection in TLS, after its handshake.
std::pair<io::ByteSocket, io::ByteSocket> in_tls(asio::io_context& context, io::tcp::socket dialled,
                                                 io::tcp::socket accepted) {
  const test::Authority authority;
  const ops::ScratchDir folder;
  io::TlsClient client(authority.write_to(folder.path(".")));
  io::TlsServer server(authority.sign(), io::unix_now());
  std::optional<io::ByteSocket> ours;
  std::optional<io::ByteSocket> theirs;
  asio::co_spawn(
      context,
      [](io::TlsClient& by, io::tcp::socket on, std::optional<io::ByteSocket>& out) -> asio::awaitable<void> {
        auto secured = co_await by.shake_hands(std::move(on), Private(std::string("127.0.0.1")));
        if (secured) out = std::move(*secured);
      }(client, std::move(dialled), ours),
      [](const std::exception_ptr&) {});
  asio::co_spawn(
      context,
      [](io::TlsServer& by, io::tcp::socket on, std::optional<io::ByteSocket>& out) -> asio::awaitable<void> {
        out = co_await by.shake_hands(std::move(on));
      }(server, std::move(accepted), theirs),
      [](const std::exception_ptr&) {});
  context.run();
  context.restart();
  if (!ours || !theirs) std::abort();
  return {std::move(*ours), std::move(*theirs)};
}

class Legs {
 public:
  Legs(std::size_t message_bytes, bool up, bool tls) : message_(message_bytes, std::byte{0x5a}) {
    io::tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
    io::tcp::socket dialled(context_);
    dialled.connect(acceptor.local_endpoint());
    std::pair<io::ByteSocket, io::ByteSocket> ends{std::move(dialled), acceptor.accept()};
    if (tls) ends = in_tls(context_, ends.first.release().first, ends.second.release().first);
    proxy_ = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(ends.first), ws::Role::Client, {}, {}}, rng_);
    egress_ = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(ends.second), ws::Role::Server, {}, {}}, rng_);
    proxy_->start(at_proxy_);
    egress_->start(at_egress_);
    while (!at_proxy_.open || !at_egress_.open) context_.run_one();
    from_ = up ? proxy_.get() : egress_.get();
    to_ = up ? &at_egress_ : &at_proxy_;
    round();
  }
  void round() {
    for (const auto until = to_->bytes + kRoundBytes; to_->bytes < until;) {
      if (from_->backlog_bytes() == 0) {
        for (std::size_t sent = 0; sent < kBatchBytes; sent += message_.size())
          if (!from_->send(message_)) std::abort();
        from_->flush();
      }
      context_.poll();
    }
  }
  const Counter& receiver() const { return *to_; }

 private:
  asio::io_context context_{1};
  SeededRng rng_{7};
  Bytes message_;
  Counter at_proxy_, at_egress_;
  std::unique_ptr<ws::Leg> proxy_, egress_;
  ws::Leg* from_ = nullptr;
  Counter* to_ = nullptr;
};

void leg(benchmark::State& state, bool up, bool tls) {
  Legs legs(static_cast<std::size_t>(state.range(0)), up, tls);
  const auto bytes = legs.receiver().bytes;
  const auto messages = legs.receiver().messages;
  const PartMeter meter;
  for (auto _ : state) legs.round();
  meter.tell(state, legs.receiver().bytes - bytes, legs.receiver().messages - messages);
}
BENCHMARK_CAPTURE(leg, up, true, false)->Arg(1132)->Arg(9056);
BENCHMARK_CAPTURE(leg, down, false, false)->Arg(1132)->Arg(9056);
BENCHMARK_CAPTURE(leg, up_tls, true, true)->Arg(1132)->Arg(9056);
BENCHMARK_CAPTURE(leg, down_tls, false, true)->Arg(1132)->Arg(9056);

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
