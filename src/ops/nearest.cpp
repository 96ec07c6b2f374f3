#include "ops/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace footbridge::ops {
namespace {

// Optimal string alignment: insert, delete, replace, swap two neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view mistyped, std::span<const std::string> known) {
  constexpr std::size_t kLongestName = 64;  // the cost is quadratic, and nobody mistypes a name into a page of text
  if (mistyped.size() > kLongestName) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, mistyped.size() / 3) + 1;
  for (const auto& name : known)
    if (const auto d = distance(mistyped, name); d < best_distance) {
      best_distance = d;
      best = name;
    }
  return best;
}

std::string did_you_mean(std::string_view mistyped, std::span<const std::string> known) {
  const auto name = nearest(mistyped, known);
  return name ? "; did you mean " + *name + "?" : "";
}

}  // namespace footbridge::ops
