// What a relay leg costs: messages through two WebSocket ends over TCP on loopback, per size and direction, both ends
// together in one thread, the kernel's work included. Up is what a proxy sends (masked), down what an egress sends.
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "base/rng.hpp"
#include "io/asio.hpp"
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

class Legs {
 public:
  Legs(std::size_t message_bytes, bool up) : message_(message_bytes, std::byte{0x5a}) {
    io::tcp::acceptor acceptor(context_, {asio::ip::address_v4::loopback(), 0});
    io::tcp::socket dialled(context_);
    dialled.connect(acceptor.local_endpoint());
    proxy_ = std::make_unique<ws::Leg>(ws::Leg::Parts{std::move(dialled), ws::Role::Client, {}, {}}, rng_);
    egress_ = std::make_unique<ws::Leg>(ws::Leg::Parts{acceptor.accept(), ws::Role::Server, {}, {}}, rng_);
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

void leg(benchmark::State& state, bool up) {
  Legs legs(static_cast<std::size_t>(state.range(0)), up);
  const auto bytes = legs.receiver().bytes;
  const auto messages = legs.receiver().messages;
  const PartMeter meter;
  for (auto _ : state) legs.round();
  meter.tell(state, legs.receiver().bytes - bytes, legs.receiver().messages - messages);
}
BENCHMARK_CAPTURE(leg, up, true)->Arg(1132)->Arg(9056);
BENCHMARK_CAPTURE(leg, down, false)->Arg(1132)->Arg(9056);

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
