// What the session layer costs: a download through two sessions in one process, per packet size, both ends together,
// without QUIC, links or sockets.
#include <array>
#include <cstdlib>
#include <vector>

#include "core/session/session.hpp"
#include "part.hpp"

namespace footbridge::bench {
namespace {

using namespace footbridge::core;

constexpr std::size_t kBatchBytes = 64U << 10;  // what a path sends between two looks at its pipe
constexpr std::size_t kUnderWay = 16;           // batches between a datagram and its fate: a path of some delay
constexpr std::size_t kChunkBytes = 64U << 10;  // what a website's socket gives at once
constexpr std::uint64_t kRoundBytes = 1U << 20;

// One way of a path that loses nothing: a batch arrives at once, its fate is known kUnderWay batches later.
class Lane {
 public:
  Lane(Session& from, PathId from_path, Session& to, PathId to_path, std::size_t packet_bytes)
      : from_(from), from_path_(from_path), to_(to), to_path_(to_path), packet_(packet_bytes) {}

  void carry(TimePoint now) {
    auto& batch = under_way_[turn_++ % kUnderWay];
    for (const auto id : batch) from_.on_fate(now, from_path_, id, DatagramFate::Acked);
    batch.clear();
    for (std::size_t bytes = 0; bytes < kBatchBytes; bytes += packet_.size()) {
      const auto pulled = from_.pull(now, from_path_, packet_);
      if (!pulled) break;
      batch.push_back(pulled->id);
      if (!to_.on_datagram(now, to_path_, ByteView(packet_).first(pulled->bytes)).ok()) std::abort();
    }
    packets_ += batch.size();
  }
  std::uint64_t packets() const { return packets_; }

 private:
  Session& from_;
  PathId from_path_;
  Session& to_;
  PathId to_path_;
  Bytes packet_;
  std::array<std::vector<DatagramId>, kUnderWay> under_way_;
  std::size_t turn_ = 0;
  std::uint64_t packets_ = 0;
};

// A client that downloads from its egress over one path of packets of one size.
class Download {
 public:
  explicit Download(std::size_t packet_bytes)
      : up_(client_, client_path_, egress_, egress_path_, packet_bytes),
        down_(egress_, egress_path_, client_, client_path_, packet_bytes) {
    while (read_ < kWarmUpBytes) turn();
  }
  void round() {
    for (const auto until = read_ + kRoundBytes; read_ < until;) turn();
  }
  std::uint64_t read() const { return read_; }
  std::uint64_t packets() const { return up_.packets() + down_.packets(); }

 private:
  static constexpr std::uint64_t kWarmUpBytes = 32U << 20;  // windows and page pools have their size then

  void turn() {
    now_ += Millis{1};
    while (egress_.poll()) {
    }
    while (egress_.write(now_, stream_, chunk_) == chunk_.size()) {
    }
    up_.carry(now_);
    down_.carry(now_);
    while (client_.poll()) {
    }
    for (auto bytes = client_.peek(stream_); !bytes.empty(); bytes = client_.peek(stream_)) {
      read_ += bytes.size();
      client_.consume(now_, stream_, bytes.size());
    }
    for (auto* session : {&client_, &egress_})
      if (const auto due = session->deadline(); due && *due <= now_) session->on_deadline(now_);
  }

  static SessionConfig config() {
    SessionConfig out;
    out.peer_limits = out.limits;
    return out;
  }

  SeededRng rng_{1};
  BoundedMemory memory_{64U << 20};
  TimePoint now_{};
  Session client_{Session::Role::Client, config(), rng_, memory_, now_};
  Session egress_{Session::Role::Egress, config(), rng_, memory_, now_};
  PathId client_path_ = client_.add_path(now_);
  PathId egress_path_ = egress_.add_path(now_);
  StreamId stream_ = client_.open(now_, as_bytes("header")).value();
  Bytes chunk_ = rng_.bytes(kChunkBytes);
  Lane up_, down_;
  std::uint64_t read_ = 0;
};

void session(benchmark::State& state) {
  Download download(static_cast<std::size_t>(state.range(0)));
  const auto bytes = download.read();
  const auto packets = download.packets();
  const PartMeter meter;
  for (auto _ : state) download.round();
  meter.tell(state, download.read() - bytes, download.packets() - packets);
}
BENCHMARK(session)->Arg(1108)->Arg(4504)->Arg(9032);  // what packets of 1, 4 and 8 fragments leave for a datagram

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
