// What netstate counts, for its operator. No series names a reporter, a country or a network.
#pragma once

#include <array>
#include <cstdint>

#include "core/netstate/netstate.hpp"
#include "observe/metrics.hpp"

namespace footbridge::netstate {

class NetstateMetrics {
 public:
  explicit NetstateMetrics(observe::Registry& registry)
      : refused_(registry.counters<core::ReportRefusal>("footbridge_netstate_reports_refused_total",
                                                        "Reports that were not taken.", "why", all())),
        viewers_refused(registry.counter("footbridge_netstate_viewers_refused_total",
                                         "Who wanted to watch, and every place was taken.")),
        wrong_tokens(registry.counter("footbridge_netstate_wrong_tokens_total",
                                      "Who wanted to look, and gave another token than ours.")) {}

  // After each batch: what the core has counted since the last one.
  void note(const core::Netstate& state) {
    for (std::size_t i = 0; i < core::kReportRefusals; ++i) {
      const auto why = static_cast<core::ReportRefusal>(i);
      refused_[why].add(state.refused(why) - told_[i]);
      told_[i] = state.refused(why);
    }
  }

 private:
  static std::array<core::ReportRefusal, core::kReportRefusals> all() {
    std::array<core::ReportRefusal, core::kReportRefusals> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<core::ReportRefusal>(i);
    return out;
  }

  observe::Family<observe::Counter, core::ReportRefusal, core::kReportRefusals> refused_;
  std::array<std::uint64_t, core::kReportRefusals> told_{};

 public:
  observe::Counter& viewers_refused;
  observe::Counter& wrong_tokens;
};

}  // namespace footbridge::netstate
