#include "core/limits/help_summary.hpp"

#include <utility>

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMib = 1024 * 1024;

constexpr std::uint64_t mib(std::uint64_t bytes) { return bytes / kMib + (bytes % kMib >= kMib / 2 ? 1 : 0); }

}  // namespace

std::optional<HelpSummary::Hour> HelpSummary::poll(TimePoint now, const Totals& totals) {
  if (now < due_) return std::nullopt;
  due_ = now + kSummaryEvery;
  const auto before = std::exchange(before_, totals);
  return Hour{totals.people - before.people, mib(totals.up_bytes - before.up_bytes),
              mib(totals.down_bytes - before.down_bytes)};
}

}  // namespace footbridge::core
