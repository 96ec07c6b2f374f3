// What the session layer costs: a download through two sessions in one process, per packet size, both ends together,
// without QUIC, links or sockets.
#include <cstdlib>
#include <vector>

#include "core/session/session.hpp"
#include "part.hpp"

namespace footbridge::bench {
namespace {

using namespace footbridge::core;

constexpr std::size_t kUnderWay = 512;          // datagrams between two fates: a path of some delay
constexpr std::size_t kChunkBytes = 64U << 10;  // what a website's socket gives at once
constexpr std::uint64_t kRoundBytes = 1U << 20;

// A client that downloads from its egress over one path of packets of one size.
class Download {
 public:
  explicit Download(std::size_t packet_bytes)
      : packet_bytes_(packet_bytes), space_(kUnderWay * packet_bytes), chunk_(rng_.bytes(kChunkBytes)) {
    sent_.reserve(kUnderWay);
    while (read_ < kWarmUpBytes) turn();
  }
  void round() {
    for (const auto until = read_ + kRoundBytes; read_ < until;) turn();
  }
  std::uint64_t read() const { return read_; }
  std::uint64_t packets() const { return packets_; }

 private:
  static constexpr std::uint64_t kWarmUpBytes = 32U << 20;  // windows and page pools have their size then
  struct Sent {
    DatagramId id;
    std::size_t bytes;
  };

  void turn() {
    now_ += Millis{1};
    while (egress_.poll()) {
    }
    while (egress_.write(now_, stream_, chunk_) == chunk_.size()) {
    }
    carry(client_, client_path_, egress_, egress_path_);
    carry(egress_, egress_path_, client_, client_path_);
    while (client_.poll()) {
    }
    for (auto bytes = client_.peek(stream_); !bytes.empty(); bytes = client_.peek(stream_)) {
      read_ += bytes.size();
      client_.consume(now_, stream_, bytes.size());
    }
    for (auto* session : {&client_, &egress_})
      if (const auto due = session->deadline(); due && *due <= now_) session->on_deadline(now_);
  }

  // Lets `from` send until it has nothing or the window is full; `to` takes it, then the fates are told.
  void carry(Session& from, PathId from_path, Session& to, PathId to_path) {
    sent_.clear();
    while (sent_.size() < kUnderWay) {
      const auto pulled =
          from.pull(now_, from_path, ByteSpan(space_).subspan(sent_.size() * packet_bytes_, packet_bytes_));
      if (!pulled) break;
      sent_.push_back({pulled->id, pulled->bytes});
    }
    for (std::size_t i = 0; i < sent_.size(); ++i)
      if (!to.on_datagram(now_, to_path, ByteView(space_).subspan(i * packet_bytes_, sent_[i].bytes)).ok())
        std::abort();
    for (const auto& datagram : sent_) from.on_fate(now_, from_path, datagram.id, DatagramFate::Acked);
    packets_ += sent_.size();
  }

  static SessionConfig config() {
    SessionConfig out;
    out.peer_limits = out.limits;
    return out;
  }

  std::size_t packet_bytes_;
  SeededRng rng_{1};
  BoundedMemory memory_{64U << 20};
  TimePoint now_{};
  Session client_{Session::Role::Client, config(), rng_, memory_, now_};
  Session egress_{Session::Role::Egress, config(), rng_, memory_, now_};
  PathId client_path_ = client_.add_path(now_);
  PathId egress_path_ = egress_.add_path(now_);
  StreamId stream_ = client_.open(now_, as_bytes("header")).value();
  std::vector<std::byte> space_;
  Bytes chunk_;
  std::vector<Sent> sent_;
  std::uint64_t read_ = 0;
  std::uint64_t packets_ = 0;
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
