#include "core/rendezvous/proxy_quality.hpp"

#include <algorithm>
#include <cmath>

namespace footbridge::core {
namespace {

// A proxy with no more than this share of successes is chosen last, once it has failed more than one client: the first
// may have been the one who failed.
constexpr double kPoorShare = 0.5;
constexpr double kPoorFailures = 1.5;
// Of one that has never carried the first failure is enough: there are others to try. Two and a half hours later, when
// it counts three quarters, it is new again.
constexpr double kNewFailures = 0.75;
// Fewer faded successes than this, and nobody knows any more whether it carries.
constexpr double kStillKnown = 0.25;
// What an egress says or owes counts half; when it has said so before a tenth of all that is known is forgotten
// instead.
constexpr double kDoubt = 0.5;
constexpr double kLeftAfterDoubt = 0.9;

// Among the networks of a row an egress is one, too. Those of clients are keyed hashes: these small numbers are free.
constexpr std::uint64_t row_name(const ReportRun& run) { return ProxyQuality::kHiddenNetworks + 1 + run.egress; }

}  // namespace

std::uint32_t ProxyQuality::Record::awaiting() const {
  std::uint32_t sum = 0;
  for (const auto& one : awaited) sum += one.matches;
  return sum;
}

double ProxyQuality::faded(double count, Duration age) {
  return count * std::exp2(-std::chrono::duration<double>(age) / std::chrono::duration<double>(kHalfLife));
}

void ProxyQuality::fade(TimePoint now, Record& record) {
  record.good = faded(record.good, now - record.as_of);
  record.bad = faded(record.bad, now - record.as_of);
  record.as_of = now;
}

ProxyQuality::Record& ProxyQuality::record(TimePoint now, const ProxyId& id) {
  auto found = records_.find(id);
  if (found == records_.end()) {
    // Who is due first was without news longest, or owes a receipt: either may be forgotten.
    if (records_.size() >= kMaxProxies)
      if (const auto oldest = due_.pop_due(TimePoint::max())) records_.erase(*oldest);
    found = records_.emplace(id, Record{}).first;
    found->second.as_of = now;
  }
  found->second.news = now;
  return found->second;
}

void ProxyQuality::plan(const ProxyId& id, const Record& record) {
  std::optional<TimePoint> due;
  for (const auto& one : record.awaited)
    if (one.matches > 0) due = earlier(due, one.by);
  due_.set(id, due.value_or(record.news + kForgetAfter));
}

void ProxyQuality::note_matched(TimePoint now, const ProxyId& id) {
  auto& proxy = record(now, id);
  ++proxy.pending;
  plan(id, proxy);
}

void ProxyQuality::note_nothing(const ProxyId& id) {
  if (const auto found = records_.find(id); found != records_.end() && found->second.pending > 0)
    --found->second.pending;
}

void ProxyQuality::note_failure(TimePoint now, const ProxyId& id, std::uint64_t client_network) {
  auto& proxy = record(now, id);
  if (proxy.pending > 0) --proxy.pending;
  fail(now, proxy, client_network, 1);
  plan(id, proxy);
}

void ProxyQuality::note_unreached(TimePoint now, const ProxyId& id) {
  auto& proxy = record(now, id);
  if (proxy.pending > 0) --proxy.pending;
  fade(now, proxy);
  proxy.bad += 1;
  proxy.trial_over.reset();
  proxy.vouched = false;
  plan(id, proxy);
}

void ProxyQuality::note_complaint(TimePoint now, const ProxyId& id, const ReportRun& run,
                                  std::uint64_t client_network) {
  auto& proxy = record(now, id);
  const auto place = std::ranges::find_if(proxy.awaited, [&](const auto& o) { return o.matches > 0 && o.run == run; });
  if (place != proxy.awaited.end()) {
    settle(proxy, *place, 1);
  } else if (!run.reporting()) {
    // Its own word has just made a success of this.
    fade(now, proxy);
    proxy.good = std::max(0.0, proxy.good - 1);
  }
  fail(now, proxy, client_network, 1);
  plan(id, proxy);
}

void ProxyQuality::note_opened(TimePoint now, const ProxyId& id, const ReportRun& run, bool alone) {
  auto& proxy = record(now, id);
  if (!run.reporting()) {
    if (proxy.pending > 0) --proxy.pending;
    succeed(now, proxy);
  } else if (proxy.awaiting() < proxy.pending) {
    await_receipt(now, proxy, run);
    proxy.trial_over = now + kTrial;
    proxy.vouched = proxy.vouched || alone;
  }
  plan(id, proxy);
}

// Nobody is on trial with it for that: the tester has seen more than a person waits for.
void ProxyQuality::note_passed(TimePoint now, const ProxyId& id, const ReportRun& run) {
  auto& proxy = record(now, id);
  if (!run.reporting()) {
    succeed(now, proxy);
  } else {
    ++proxy.pending;
    await_receipt(now, proxy, run);
    proxy.trial_over = now;
    proxy.vouched = true;
  }
  plan(id, proxy);
}

void ProxyQuality::await_receipt(TimePoint now, Record& proxy, const ReportRun& run) {
  auto& places = proxy.awaited;
  auto place = std::ranges::find_if(places, [&](const auto& one) { return one.matches > 0 && one.run == run; });
  if (place == places.end()) place = std::ranges::find(places, 0U, &Awaited::matches);
  if (place == places.end()) {
    place = std::ranges::min_element(places, {}, &Awaited::by);
    settle(proxy, *place, place->matches);
  }
  if (place->matches++ == 0) place->by = now + kReceiptBy;
  place->run = run;
}

bool ProxyQuality::note_receipt(TimePoint now, const ProxyId& id, const ReportRun& run, const Receipt& receipt) {
  const auto found = records_.find(id);
  if (found == records_.end()) return false;
  auto& proxy = found->second;
  const auto place = std::ranges::find_if(proxy.awaited, [&](const auto& o) { return o.matches > 0 && o.run == run; });
  if (place == proxy.awaited.end()) return false;
  settle(proxy, *place, 1);
  place->by = now + kReceiptBy;
  proxy.news = now;
  if (!receipt.carried)
    doubt(now, proxy, run);
  else if (receipt.bytes_log2 >= kUsefulBytesLog2)
    succeed(now, proxy);
  plan(id, proxy);
  return true;
}

void ProxyQuality::settle(Record& proxy, Awaited& awaited, std::uint32_t matches) {
  awaited.matches -= matches;
  proxy.pending -= std::min(proxy.pending, matches);
}

void ProxyQuality::succeed(TimePoint now, Record& proxy) {
  fade(now, proxy);
  proxy.good += 1;
  proxy.failures = 0;
  proxy.barred_until.reset();
}

// False: one of the same was in the row already.
bool ProxyQuality::fail(TimePoint now, Record& proxy, std::uint64_t whose, double weight) {
  proxy.trial_over.reset();
  proxy.vouched = false;
  const auto row_end = proxy.row.begin() + proxy.failures;
  if (std::find(proxy.row.begin(), row_end, whose) != row_end) return false;
  fade(now, proxy);
  proxy.bad += weight;
  proxy.row[proxy.failures++] = whose;
  if (proxy.failures < kRow) return true;
  proxy.failures = 0;
  proxy.good = 0;
  proxy.barred_until = now + kBarredFor;
  return true;
}

void ProxyQuality::doubt(TimePoint now, Record& proxy, const ReportRun& run) {
  if (fail(now, proxy, row_name(run), kDoubt)) return;
  proxy.good *= kLeftAfterDoubt;  // both: their proportion is not for one egress to decide
  proxy.bad *= kLeftAfterDoubt;
}

ProxyStanding ProxyQuality::standing(TimePoint now, const ProxyId& id, std::uint32_t slots) const {
  const auto found = records_.find(id);
  if (found == records_.end()) return {ProxyTier::New, std::min(slots, kProbationSlots)};
  const auto& proxy = found->second;
  const auto good = faded(proxy.good, now - proxy.as_of);
  const auto bad = faded(proxy.bad, now - proxy.as_of);
  const bool proven = good >= kStillKnown;
  const bool barred = proxy.barred_until && now < *proxy.barred_until;
  const bool poor = barred || (bad >= (proven ? kPoorFailures : kNewFailures) && good / (good + bad) <= kPoorShare);
  if (proven) return {poor ? ProxyTier::Poor : ProxyTier::Proven, slots};
  const bool quiet = !poor && proxy.trial_over && *proxy.trial_over <= now;
  const auto on_trial = quiet ? proxy.pending - std::min(proxy.pending, proxy.awaiting()) : proxy.pending;
  const auto tier = poor ? ProxyTier::Poor : quiet && proxy.vouched ? ProxyTier::Promising : ProxyTier::New;
  return {tier, on_trial >= kProbationSlots ? 0 : std::min(slots, kProbationSlots - on_trial)};
}

void ProxyQuality::on_deadline(TimePoint now, const std::function<bool(const ReportRun&)>& lasts) {
  while (const auto id = due_.pop_due(now)) {
    auto& proxy = records_.at(*id);
    bool owed = false;
    for (auto& one : proxy.awaited) {
      if (one.matches == 0 || one.by > now) continue;
      owed = true;
      settle(proxy, one, one.matches);
      if (lasts(one.run)) doubt(now, proxy, one.run);  // one for all that came together
    }
    if (!owed && proxy.awaiting() == 0 && proxy.news + kForgetAfter <= now)
      records_.erase(*id);
    else
      plan(*id, proxy);
  }
}

}  // namespace footbridge::core
