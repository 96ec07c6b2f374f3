// What every benchmark of one part of the chain says about itself, beside the time that Google Benchmark takes:
//   cpu_s_per_gb       CPU seconds for 10^9 bytes of payload
//   allocs_per_packet  calls of malloc and its kin per packet (or message) that arrived
// Threads: one; the counts are of the whole process.
#pragma once

#include <benchmark/benchmark.h>
#include <cstdint>

#include "allocations.hpp"

namespace footbridge::bench {

class PartMeter {
 public:
  // `bytes` and `packets`: moved since this was made.
  void tell(benchmark::State& state, std::uint64_t bytes, std::uint64_t packets) const {
    const auto asked = allocations() - before_;
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.counters["cpu_s_per_gb"] =
        benchmark::Counter(static_cast<double>(bytes) / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocs_per_packet"] = static_cast<double>(asked) / static_cast<double>(packets);
  }

 private:
  std::uint64_t before_ = allocations();
};

}  // namespace footbridge::bench
