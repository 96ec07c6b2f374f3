// SeedRun: one seed of either tier, from its beginning to its end, and what there is to say about it. Every hundredth
// seed is run twice: the same seed has to give the same trace.
// Threads: several runs may go on at once, each on a thread of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "programs/sim/sim_options.hpp"
#include "sim/trace.hpp"

namespace footbridge::simulate {

inline constexpr std::uint64_t kRunTwiceEvery = 100;

struct SeedRun {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::string summary;                // what went on in it
  std::optional<std::string> broken;  // property, time, event, who and what
};

SeedRun run_seed(const SimOptions& options, std::uint64_t seed, sim::Trace trace);
// The same without a trace; twice when it is its turn.
SeedRun run_seed_checked(const SimOptions& options, std::uint64_t seed);

// What has to be typed to see this seed again.
std::string replay(const SimOptions& options, std::uint64_t seed);

}  // namespace footbridge::simulate
