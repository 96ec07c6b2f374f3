// What QUIC costs: datagrams from a client's path to its egress's, per packet size, both ends together. In memory, on
// virtual time: TLS, congestion control, packet ladder and fillers, but no socket and no session.
#include <cstdlib>
#include <memory>
#include <vector>

#include "part.hpp"
#include "quic/path.hpp"

namespace footbridge::bench {
namespace {

using namespace footbridge::quic;

constexpr std::uint64_t kRoundBytes = 1U << 20;
constexpr Duration kTurn = Millis{1};            // one way; what is sent in a turn arrives in the next
constexpr std::size_t kTurnBytes = kFlushBytes;  // then the pipe has a backlog: as much as a link sends at once

// One end: a path, the source and user above it, and the pipe below it, which keeps messages in one piece of memory.
class End final : public PathUser, public core::DatagramSource, public MessagePipe {
 public:
  explicit End(std::uint64_t seed) : rng(seed) {}

  // PathUser
  void on_path_established(TimePoint) override {}
  void on_path_control(TimePoint, ByteView, bool) override {}
  void on_path_datagram(TimePoint, ByteView payload) override { got_bytes += payload.size(), ++got; }
  void on_path_fate(TimePoint, core::DatagramId, core::DatagramFate) override {}
  void on_path_closed(TimePoint, const PathEnd&) override { std::abort(); }
  // core::DatagramSource
  std::optional<Pulled> pull(TimePoint, ByteSpan out) override {
    if (!sends) return std::nullopt;
    out[0] = std::byte{1};  // the rest is what it was: its content costs nothing
    return Pulled{++last_id_, out.size()};
  }
  // MessagePipe
  bool send(ByteView message) override {
    lengths_.push_back(message.size());
    append(queue_, message);
    return true;
  }
  void flush() override {}
  std::size_t backlog_bytes() const override { return queue_.size() < kTurnBytes ? 0 : queue_.size(); }
  std::size_t max_message_bytes() const override { return core::kMaxPacketBytes; }
  void pause_reading(bool) override {}
  void close(PipeEnd) override { std::abort(); }

  // Gives what was sent so far to `other` as one batch, as a pipe would.
  void deliver(TimePoint now, End& other) {
    const bool drained = backlog_bytes() > 0;
    std::swap(queue_, arriving_);
    views_.clear();
    std::size_t at = 0;
    for (const auto length : lengths_) {
      views_.push_back(ByteView(arriving_).subspan(at, length));
      at += length;
    }
    lengths_.clear();
    if (!views_.empty()) other.path->on_messages(now, views_);
    arriving_.clear();
    if (drained) path->on_drained(now);
  }

  SeededRng rng;
  std::unique_ptr<Path> path;
  bool sends = false;
  std::uint64_t got = 0;
  std::uint64_t got_bytes = 0;

 private:
  Bytes queue_, arriving_;
  std::vector<std::size_t> lengths_;
  std::vector<ByteView> views_;
  core::DatagramId last_id_ = 0;
};

class Pair {
 public:
  explicit Pair(std::size_t packet_bytes) {
    const PathOptions options{.max_packet_bytes = packet_bytes, .fillers = true};
    client_.path = std::make_unique<Path>(ClientConfig{identity_.pin(), {}}, options, client_.rng, client_, client_);
    egress_.path = std::make_unique<Path>(ServerConfig{identity_, {}}, options, egress_.rng, egress_, egress_);
    for (auto* end : {&client_, &egress_}) {
      end->path->attach(*end);
      end->path->on_open(now_);
    }
    client_.sends = true;
    while (egress_.got_bytes < kWarmUpBytes) turn();
  }
  void round() {
    for (const auto until = egress_.got_bytes + kRoundBytes; egress_.got_bytes < until;) turn();
  }
  const End& receiver() const { return egress_; }

 private:
  static constexpr std::uint64_t kWarmUpBytes = 32U << 20;  // the congestion window and the fillers are settled then

  void turn() {
    now_ += kTurn;
    client_.deliver(now_, egress_);
    egress_.deliver(now_, client_);
    for (auto* end : {&client_, &egress_})
      if (const auto due = end->path->deadline(); due && *due <= now_) end->path->on_deadline(now_);
    client_.path->wake(now_);
  }

  TimePoint now_{Seconds{1000}};
  Identity identity_ = Identity::generate().value();
  End client_{2}, egress_{3};
};

void quic_path(benchmark::State& state) {
  Pair pair(static_cast<std::size_t>(state.range(0)));
  const auto bytes = pair.receiver().got_bytes;
  const auto packets = pair.receiver().got;
  const PartMeter meter;
  for (auto _ : state) pair.round();
  meter.tell(state, pair.receiver().got_bytes - bytes, pair.receiver().got - packets);
}
BENCHMARK(quic_path)->Name("quic")->Arg(core::kPacketRungs[0])->Arg(core::kPacketRungs[1])->Arg(core::kPacketRungs[2]);

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
