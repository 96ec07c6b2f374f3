#include "programs/proxy/volunteer_status.hpp"

#include <string>

#include "core/limits/hours_text.hpp"

namespace footbridge::proxy {

void tell_status(StatusReport& report, const VolunteerStatus& status) {
  using Key = StatusKey;
  const auto& state = status.state;
  const auto say = [&](Key key, std::string_view word) {
    if (!word.empty()) report.say(key, word);
  };
  report.nat(status.nat);
  report.count(Key::Helping, state.helping).count(Key::Standby, status.standby).count(Key::Slots, status.slots);
  report.count(Key::Helped, state.helped).count(Key::HelpedToday, status.record.helped_today);
  report.count(Key::HelpedEver, status.record.helped);
  report.count(Key::UpBytes, state.up_bytes).count(Key::DownBytes, state.down_bytes);
  report.count(Key::TodayBytes, status.record.day.bytes).count(Key::MonthBytes, status.record.month.bytes);
  say(Key::Limits, state.limits);
  if (state.pause != core::Pause::None) {
    report.say(Key::PausedFor, core::name(state.pause));
    say(Key::PausedUntil, core::civil_text(state.until));
  }
  say(Key::Idle, state.idle);
  if (!state.idle.empty() && state.pause == core::Pause::None) say(Key::IdleAdvice, status.advice);
  say(Key::Troubles, status.troubles);
}

}  // namespace footbridge::proxy
