#include "sim/ground.hpp"

#include "base/assert.hpp"

namespace footbridge::sim {
namespace {

// A hundred thousand events in one moment are no coincidence any more.
constexpr std::uint64_t kMostAtOnce = 100'000;

}  // namespace

std::string_view name(Property property) {
  switch (property) {
    case Property::SoldOnce: return "P1 sold-once";
    case Property::ExactBytes: return "P2 exact-bytes";
    case Property::Bounded: return "P3 bounded";
    case Property::SilentBefore: return "P4 silent-before-authentication";
    case Property::NothingPrivate: return "P5 nothing-private";
    case Property::TerminalInTime: return "P6 terminal-in-time";
    case Property::Liveness: return "liveness";
    case Property::SameTrace: return "same-seed-same-trace";
  }
  FB_ASSERT(false);
}

void Ground::broken(Property property, Actor who, std::string what) {
  if (finding_) return;
  finding_ = Finding{property, now(), queue_.happened(),
                     std::string(who.kind) + " " + std::to_string(who.number) + ": " + std::move(what)};
}

void Ground::run(TimePoint until) {
  auto moment = now();
  std::uint64_t in_this_moment = 0;
  while (!finding_) {
    auto task = queue_.pop_until(until);
    if (!task) return;
    (*task)();
    if (now() > moment) {
      moment = now();
      in_this_moment = 0;
    } else if (++in_this_moment > kMostAtOnce) {
      broken(Property::TerminalInTime, {"world", 0}, "time stands still: events follow each other at once, for ever");
    }
  }
}

Timed::Timed(Ground& ground) : ground_(ground) {
  if (ground_.free_.empty()) {
    ground_.places_.emplace_back();
    ground_.free_.push_back(static_cast<std::uint32_t>(ground_.places_.size() - 1));
  }
  standing_.place = ground_.free_.back();
  ground_.free_.pop_back();
  standing_.generation = ++ground_.places_[standing_.place].generation;
  ground_.places_[standing_.place].standing = this;
}

Timed::~Timed() {
  ground_.queue_.cancel(alarm_);
  ground_.places_[standing_.place].standing = nullptr;
  ground_.free_.push_back(standing_.place);
}

void Timed::set_alarm(std::optional<TimePoint> deadline) {
  if (!deadline) return;  // an event that is there already will find nothing to do
  if (armed_ && alarm_at_ <= *deadline) return;
  ground_.queue_.cancel(alarm_);
  armed_ = true;
  alarm_at_ = std::max(*deadline, now());
  alarm_ = ground_.queue_.at(alarm_at_, [this] {  // cancelled when this vanishes
    armed_ = false;
    on_alarm();
  });
}

}  // namespace footbridge::sim
