// Options of `footbridge sim`. What is under [world] makes a scenario, which may be kept in a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "programs/common_options.hpp"

namespace footbridge::simulate {

enum class Tier : std::uint8_t { Model, Stack };
enum class Shown : std::uint8_t { Auto, Nothing, Story, Packets };

struct SimOptions {
  CommonOptions common{};  // for its log; a run has no use for the others
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  std::uint64_t jobs = 1;
  Millis time_limit{0};  // of the clock on the wall; 0: none
  Tier tier = Tier::Model;
  Shown trace = Shown::Auto;        // of one seed the story, of several nothing
  std::vector<std::string> only{};  // actors whose lines are shown
  std::uint64_t clients = 0;        // 0: what the tier is made for, as everywhere below
  std::uint64_t proxies = 0;
  std::uint64_t brokers = 2;
  std::uint64_t egresses = 2;
  Millis length{600'000};
  std::uint64_t stream_bytes = 400'000;
  std::vector<std::string> faults{};  // allowed; empty: all
  bool calm = false;                  // nothing goes wrong
};

ops::OptionTable option_table(SimOptions& options);
// Throws ops::UsageError.
void check(const SimOptions& options);

}  // namespace footbridge::simulate
