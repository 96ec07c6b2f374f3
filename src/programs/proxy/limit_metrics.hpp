// What a volunteer's program shows of its limits: people and bytes of today and ever, and whether it pauses.
#pragma once

#include "core/limits/volunteer_limits.hpp"
#include "observe/metrics.hpp"

namespace footbridge::proxy {

struct LimitMetrics {
  explicit LimitMetrics(observe::Registry& registry)
      : helped_today(registry.gauge("footbridge_proxy_helped_today", "People helped since midnight, each once.")),
        helped_ever(registry.gauge("footbridge_proxy_helped_ever", "People helped by this installation.")),
        today_bytes(registry.gauge("footbridge_proxy_today_bytes", "Bytes carried since midnight, both ways.")),
        month_bytes(registry.gauge("footbridge_proxy_month_bytes", "Bytes carried this month, both ways.")),
        paused(registry.gauge("footbridge_proxy_paused",
                              "0: people may come; 1: outside the hours; 2: the day's allowance is used; 3: the "
                              "month's; 4: somebody asked for it; 5: the connection is metered.")) {}

  void show(const core::HelpingRecord& record, core::Pause pause) {
    helped_today.set(static_cast<std::int64_t>(record.helped_today));
    helped_ever.set(static_cast<std::int64_t>(record.helped));
    today_bytes.set(static_cast<std::int64_t>(record.day.bytes));
    month_bytes.set(static_cast<std::int64_t>(record.month.bytes));
    paused.set(static_cast<std::int64_t>(pause));
  }

  observe::Gauge& helped_today;
  observe::Gauge& helped_ever;
  observe::Gauge& today_bytes;
  observe::Gauge& month_bytes;
  observe::Gauge& paused;
};

}  // namespace footbridge::proxy
