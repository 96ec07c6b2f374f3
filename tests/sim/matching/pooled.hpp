// Pooled: one figure of several seeds, so that a test judges what is usual and not what one seed drew.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace footbridge::core {

// Seeds of every case: as many as a few seconds are enough for.
inline constexpr std::uint64_t kSeeds = 5;

class Pooled {
 public:
  void add(double figure) { figures_.push_back(figure); }
  double mean() const {
    return std::accumulate(figures_.begin(), figures_.end(), 0.0) / static_cast<double>(figures_.size());
  }
  // Of the mean, from how far the seeds lie apart.
  double standard_error() const {
    double squares = 0;
    for (const auto figure : figures_) squares += (figure - mean()) * (figure - mean());
    const auto count = static_cast<double>(figures_.size());
    return count < 2 ? 0 : std::sqrt(squares / (count - 1) / count);
  }

 private:
  std::vector<double> figures_;
};

}  // namespace footbridge::core
