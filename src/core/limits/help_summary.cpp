#include "core/limits/help_summary.hpp"

#include <utility>

namespace footbridge::core {

std::optional<HelpSummary::Hour> HelpSummary::poll(TimePoint now, const Totals& totals) {
  if (now < due_) return std::nullopt;
  due_ = now + kSummaryEvery;
  const auto before = std::exchange(before_, totals);
  return Hour{totals.people - before.people, to_mib(totals.up_bytes - before.up_bytes),
              to_mib(totals.down_bytes - before.down_bytes)};
}

}  // namespace footbridge::core
