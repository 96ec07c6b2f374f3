// What netstate costs: 10,000 carriers with 14,000 edges to 100 egresses, all of them signed.
//   requests_per_s      reports on one core, signature and all
//   cpu_ms_per_request  of netstate, for each report
// and by hand, how long a snapshot and a second's delta are and take, and what the graph holds in memory.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <malloc.h>
#include <vector>

#include "core/netstate/netstate.hpp"
#include "core/netstate/reporter_fixture.hpp"
#include "crypto/system_rng.hpp"

namespace footbridge::bench {
namespace {

using namespace footbridge::core;

constexpr std::size_t kCarriers = 10'000, kEgresses = 100, kEdges = 14'000;
constexpr std::size_t kFiles = 10;  // reporters' files: no one file may bring so many nodes

class Network : public ReportingNetwork {
 public:
  Network() {
    for (std::size_t i = 0; i < kFiles; ++i) reporters_.push_back(reporter(wire::NodeRole::Volunteer));
    for (std::size_t i = 0; i < kEgresses; ++i) egresses_.push_back(wire::EgressName::random(rng));
    for (std::size_t i = 0; i < kCarriers; ++i) {
      std::vector<wire::ReportedLeg> legs{{egresses_[i % kEgresses], 3}};
      if (i < kEdges - kCarriers) legs.push_back({egresses_[(i + 1) % kEgresses], 2});
      carriers_.push_back(report(wire::NodeRole::Volunteer, std::move(legs)));
    }
  }
  // What this carrier says next.
  Bytes batch(std::size_t i) {
    auto& one = carriers_[i];
    ++one.sequence;
    one.legs.front().people = static_cast<std::uint32_t>(one.sequence % 9 + 1);
    return wire::encode_report_batch({reporters_[i % kFiles].sign(one)});
  }
  void take(ByteView body) {
    now_ += Millis{1};
    if (netstate_.on_batch(now_, kWall, std::nullopt, Country{}, body).verdict != BatchVerdict::Taken) std::abort();
  }
  void fill() {
    for (std::size_t i = 0; i < kCarriers; ++i) take(batch(i));
    settle();
    if (netstate_.edges() != kEdges) std::abort();
  }
  std::size_t settle() {
    now_ += kGather;
    netstate_.on_time(now_, kWall);
    const auto event = netstate_.poll();
    return event ? event->json.size() : 0;
  }
  std::size_t snapshot() { return netstate_.snapshot(kWall).json.size(); }

 private:
  crypto::SystemRng system_;  // and libsodium chooses its quick implementations
  TimePoint now_{};
  Netstate netstate_{root_key(root), kPrivateView, rng, now_, kWall};
  std::vector<Reporter> reporters_;
  std::vector<wire::EgressName> egresses_;
  std::vector<wire::StateReport> carriers_;
};

void reports(benchmark::State& state) {
  Network network;
  network.fill();
  constexpr std::size_t kBatch = 500;
  std::size_t next = 0;
  double taken = 0;
  for (auto turn : state) {
    static_cast<void>(turn);
    state.PauseTiming();
    std::vector<Bytes> ready;
    for (std::size_t i = 0; i < kBatch; ++i) ready.push_back(network.batch((next + i) % kCarriers));
    next += kBatch;
    state.ResumeTiming();
    for (const auto& body : ready) network.take(body);
    network.settle();
    taken += kBatch;
  }
  state.counters["requests_per_s"] = benchmark::Counter(taken, benchmark::Counter::kIsRate);
  state.counters["cpu_ms_per_request"] =
      benchmark::Counter(taken / 1000, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(reports)->Name("netstate/reports");

// A new viewer's text, after something has changed.
void snapshots(benchmark::State& state) {
  const auto before = mallinfo2().uordblks;
  Network network;
  network.fill();
  state.counters["mb_in_use"] = static_cast<double>(mallinfo2().uordblks - before) / 1e6;
  std::size_t bytes = 0;
  for (auto turn : state) {
    static_cast<void>(turn);
    state.PauseTiming();
    network.take(network.batch(0));
    network.settle();
    state.ResumeTiming();
    bytes = network.snapshot();
  }
  state.counters["text_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(snapshots)->Name("netstate/snapshot")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
