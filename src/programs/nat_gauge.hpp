// NatGauge: what this machine's address translation allows, as a metric with one series for each verdict; the one that
// holds is 1. Threads: any.
#pragma once

#include "core/nat/nat_report.hpp"
#include "observe/metrics.hpp"

namespace footbridge {

class NatGauge {
 public:
  NatGauge(observe::Registry& registry, observe::MetricName name)
      : verdicts_(registry.gauges<core::NatVerdict, core::kNatVerdicts>(
            name, "Address translation as measured: 1 for the verdict that holds.", "verdict",
            {core::NatVerdict::Unmeasured, core::NatVerdict::NoUdp, core::NatVerdict::Open, core::NatVerdict::Moderate,
             core::NatVerdict::Strict})) {
    verdicts_[shown_].set(1);
  }

  void show(core::NatVerdict verdict) {
    verdicts_[shown_].set(0);
    shown_ = verdict;
    verdicts_[shown_].set(1);
  }

 private:
  observe::Family<observe::Gauge, core::NatVerdict, core::kNatVerdicts> verdicts_;
  core::NatVerdict shown_ = core::NatVerdict::Unmeasured;
};

}  // namespace footbridge
