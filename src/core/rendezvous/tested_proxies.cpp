#include "core/rendezvous/tested_proxies.hpp"

#include <algorithm>
#include <utility>

namespace footbridge::core {

using wire::OutcomeKind;
using wire::Refusal;

namespace {

bool known_to_carry(ProxyTier tier) { return tier == ProxyTier::Proven || tier == ProxyTier::Promising; }

}  // namespace

void TestedProxies::note_tester(TimePoint now) {
  heard_ = now;
  if (state_ == State::None || state_ == State::Silent)
    become(row_ >= kMistrustAfter ? State::Mistrusted : State::Active);  // silence alone is no excuse
}

std::optional<TestedProxies::Out> TestedProxies::on_poll(TimePoint now, const ProxyId& id, ProxyTier tier,
                                                         std::uint64_t network) {
  const bool known = records_.contains(id);
  if (!known && (!active() || known_to_carry(tier))) return std::nullopt;
  auto& record = record_of(now, id);
  if (!known) record.held_until = now + kPatience;
  record.network = network;
  plan(now, id, record);
  if (!is_out(now, record, tier) || record.again_at <= now || record.tested_until) return std::nullopt;
  return Out{record.why, std::chrono::ceil<Millis>(record.again_at - now)};
}

TestedProxies::Record& TestedProxies::record_of(TimePoint now, const ProxyId& id) {
  if (records_.size() >= kMaxProxies && !records_.contains(id))
    if (const auto oldest = due_.pop_due(TimePoint::max())) records_.erase(*oldest);
  auto& record = records_[id];
  record.news = now;
  return record;
}

bool TestedProxies::is_out(TimePoint now, const Record& record, ProxyTier tier) const {
  return row_ < kMistrustAfter && !known_to_carry(tier) && record.failures >= kFailures && now < record.out_until;
}

Audience TestedProxies::audience(TimePoint now, const ProxyId& id, ProxyTier tier) const {
  if (known_to_carry(tier)) return audience_of(true, active() && row_ >= kControlAfter && tier == ProxyTier::Proven);
  const auto found = records_.find(id);
  if (found == records_.end()) return Audience::People;
  const auto& record = found->second;
  const bool passed = now < record.passed_until;
  const bool held = state_ == State::Active && tier == ProxyTier::New && !passed && now < record.held_until;
  const bool room = record.network == 0 || !of_network_.wait(now, record.network);
  return audience_of(!held && !is_out(now, record, tier),
                     active() && room && !passed && !record.tested_until && record.again_at <= now);
}

void TestedProxies::note_begun(TimePoint now, const MatchId& match, const ProxyId& id, const ReportRun& run,
                               ProxyTier tier) {
  ++stats_.begun;
  if (open_.size() >= kMaxOpen)
    if (const auto oldest = ends_.pop_due(TimePoint::max()))
      static_cast<void>(note_outcome(now, *oldest, OutcomeKind::Unknown));
  open_[match] = {id, run, known_to_carry(tier)};
  ends_.set(match, now + kVerdictBy);
  const auto found = records_.find(id);
  if (found == records_.end()) return;  // of a proxy that is known to carry
  auto& record = found->second;
  record.tested_until = now + kVerdictBy;
  record.held_until = std::max(record.held_until, *record.tested_until);
  plan(now, id, record);
  if (record.network == 0) return;
  static_cast<void>(of_network_.take(now, record.network));
  if (!of_network_.wait(now, record.network)) return;
  for (const auto& [other, its] : records_)
    if (its.network == record.network) change(other);
}

std::optional<TestedProxies::Passed> TestedProxies::note_outcome(TimePoint now, const MatchId& match,
                                                                 OutcomeKind kind) {
  const auto found = open_.find(match);
  if (found == open_.end()) return std::nullopt;
  const auto test = found->second;
  open_.erase(found);
  ends_.erase(match);
  auto& record = record_of(now, test.proxy);  // it may have been forgotten, or known as one that carries
  record.tested_until.reset();
  std::optional<Passed> out;
  switch (kind) {
    case OutcomeKind::Opened:
      ++stats_.passed;
      record.failures = 0;
      record.passed_until = now + kPassedFor;
      row_ = 0;
      if (state_ == State::Mistrusted) become(State::Active);
      out = Passed{test.proxy, test.run};
      break;
    case OutcomeKind::LinkTimeout:
    case OutcomeKind::LinkFailed: fail(now, record, test.control, Refusal::Unreachable); break;
    case OutcomeKind::DialFailed: fail(now, record, test.control, Refusal::LeadsNowhere); break;
    case OutcomeKind::Stopped:  // its own excuse: who has one each time would be given to people otherwise
      ++stats_.untold;
      record.held_until = std::max(record.held_until, now + kPatience);
      break;
    case OutcomeKind::Unknown: ++stats_.untold; break;
  }
  plan(now, test.proxy, record);
  change(test.proxy);
  return out;
}

// Of a proxy that is tested again and again the first failure alone is a sign that the tester itself is cut off.
void TestedProxies::fail(TimePoint now, Record& record, bool control, Refusal why) {
  ++stats_.failed;
  if (control || record.failures == 0) ++row_;
  if (row_ >= kMistrustAfter && state_ == State::Active) {
    become(State::Mistrusted);
    release();
  }
  if (control || state_ == State::Mistrusted) return;
  record.why = why;
  record.passed_until = {};
  if (++record.failures < kFailures) return;
  auto pause = kAgainAfter;
  for (auto i = kFailures; i < record.failures && pause < kMostPause; ++i) pause *= 2;
  record.again_at = now + std::min(pause, kMostPause);
  record.out_until = record.again_at + kOutFor;
}

std::optional<TimePoint> TestedProxies::deadline() const {
  return earlier(active() ? std::optional(heard_ + kTesterLasts) : std::nullopt,
                 earlier(due_.earliest(), ends_.earliest()));
}

void TestedProxies::on_deadline(TimePoint now) {
  while (const auto match = ends_.pop_due(now)) static_cast<void>(note_outcome(now, *match, OutcomeKind::Unknown));
  while (const auto id = due_.pop_due(now)) {
    const auto found = records_.find(*id);
    if (found->second.news + kForgetAfter <= now) {
      records_.erase(found);
      continue;
    }
    change(*id);
    plan(now, *id, found->second);
  }
  if (!active() || now < heard_ + kTesterLasts) return;
  become(State::Silent);
  release();
}

std::optional<ProxyId> TestedProxies::poll_changed() {
  if (changed_.empty()) return std::nullopt;
  const auto out = changed_.front();
  changed_.pop_front();
  return out;
}

std::optional<TestedProxies::State> TestedProxies::poll_state() { return std::exchange(told_, std::nullopt); }

void TestedProxies::become(State state) { told_ = state_ = state; }

// Nobody is held any more.
void TestedProxies::release() {
  for (const auto& [id, record] : records_) change(id);
}

// When its audience changes by itself; where nothing does, when it is forgotten.
void TestedProxies::plan(TimePoint now, const ProxyId& id, const Record& record) {
  auto due = record.news + kForgetAfter;
  for (const auto at : {record.held_until, record.again_at, record.out_until})
    if (now < at) due = std::min(due, at);
  due_.set(id, due);
}

}  // namespace footbridge::core
