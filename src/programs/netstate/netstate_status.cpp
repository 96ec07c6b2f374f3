#include "programs/netstate/netstate_status.hpp"

namespace footbridge::netstate {

void tell_status(StatusReport& report, const core::Netstate& state, std::size_t viewers) {
  using Key = StatusKey;
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < core::kReportRefusals; ++i) refused += state.refused(static_cast<core::ReportRefusal>(i));
  report.count(Key::Nodes, state.nodes()).count(Key::Edges, state.edges()).count(Key::Viewers, viewers);
  report.count(Key::Reports, state.taken()).count(Key::ReportsRefused, refused);
}

}  // namespace footbridge::netstate
