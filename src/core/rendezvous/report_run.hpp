// ReportRun: a span of time in which one egress was heard without a gap and did not restart. For what was matched
// within it the egress sends receipts as long as it lasts; after it nobody can tell what became of those matches
// (docs/spec/12-tickets.md §5). No two runs are the same, whatever egresses say.
#pragma once

#include <cstdint>

namespace footbridge::core {

struct ReportRun {
  std::uint32_t egress = 0;  // its place in the EgressBook
  std::uint64_t number = 0;  // 0: the egress does not report
  bool reporting() const { return number != 0; }
  friend bool operator==(const ReportRun&, const ReportRun&) = default;
};

}  // namespace footbridge::core
