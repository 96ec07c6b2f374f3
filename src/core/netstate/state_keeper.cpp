#include "core/netstate/state_keeper.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

// Whether somebody who looks at the map would see a difference. Bytes grow all the time and are seen with the next
// report.
bool differs(const wire::StateReport& a, const wire::StateReport& b) {
  return a.state != b.state || a.legs != b.legs || a.sessions != b.sessions;
}

}  // namespace

StateKeeper::StateKeeper(wire::NodeRole role, std::string tag, std::optional<wire::EgressName> egress, Rng& rng)
    : rng_(rng) {
  FB_ASSERT(tag.empty() || wire::is_tag(tag));
  FB_ASSERT(egress.has_value() == (role == wire::NodeRole::Egress));
  newest_.node = wire::NodeName::random(rng);
  newest_.role = role;
  newest_.tag = std::move(tag);
  newest_.egress = egress;
}

void StateKeeper::set(TimePoint now, wire::StateReport now_so) {
  if (!wire::carries(newest_.role)) now_so.legs.clear();
  if (now_so.legs.size() > wire::kMaxReportLegs) now_so.legs.resize(wire::kMaxReportLegs);
  for (auto& leg : now_so.legs) leg.people = std::min(leg.people, wire::kMaxReportedCount);
  changed_ = changed_ || !known_ || differs(newest_, now_so);
  if (!known_) not_before_ = now;
  known_ = true;
  newest_.state = now_so.state;
  newest_.legs = std::move(now_so.legs);
  newest_.sessions = std::min(now_so.sessions, wire::kMaxReportedCount);
  newest_.up_kib = wire::in_steps(now_so.up_kib);
  newest_.down_kib = wire::in_steps(now_so.down_kib);
}

std::optional<TimePoint> StateKeeper::next() const {
  if (!known_ || sending_) return std::nullopt;
  if (changed_ || !sent_) return not_before_;
  return std::max(not_before_, *sent_ + kReportIdle);
}

std::optional<wire::StateReport> StateKeeper::take(TimePoint now) {
  const auto due = next();
  if (!due || *due > now) return std::nullopt;
  sending_ = true;
  changed_ = false;
  sent_ = now;
  ++newest_.sequence;
  return newest_;
}

void StateKeeper::on_taken(TimePoint now) {
  FB_ASSERT(sending_);
  sending_ = false;
  pause_ = Seconds{0};
  not_before_ = std::max(now, *sent_ + kReportGap);
}

void StateKeeper::on_failed(TimePoint now, std::optional<Seconds> retry_after) {
  FB_ASSERT(sending_);
  sending_ = false;
  changed_ = true;  // whatever was in it was not heard
  pause_ = std::clamp(2 * pause_, kReportPauseFrom, kReportPauseTo);
  const auto half = static_cast<std::uint64_t>(Millis(pause_).count()) / 2;
  const auto pause = Millis(pause_) + Millis(rng_.between(0, half));
  not_before_ = now + std::max<Duration>(pause, std::min(retry_after.value_or(Seconds{0}), kReportLongestWait));
}

}  // namespace footbridge::core
