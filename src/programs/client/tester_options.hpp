// Options of `footbridge tester`.
#pragma once

#include "programs/common_options.hpp"
#include "programs/way_options.hpp"

namespace footbridge::client {

struct TesterOptions {
  CommonOptions common{.drain_timeout = Millis(5'000)};
  LinkOptions link;
  WayOptions ways;  // of them the network alone: who tests has joined
};

ops::OptionTable option_table(TesterOptions& options);
void check(const TesterOptions& options);

}  // namespace footbridge::client
