// A progress bar on standard error: redrawn in place on a terminal, silent elsewhere.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace footbridge::demo {

class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  void show(TimePoint now, std::uint64_t bytes, std::uint64_t of);
  void finish();

 private:
  bool on_;
  TimePoint next_{};
  std::optional<TimePoint> started_;
};

}  // namespace footbridge::demo
