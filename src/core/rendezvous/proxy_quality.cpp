#include "core/rendezvous/proxy_quality.hpp"

#include <algorithm>
#include <cmath>

namespace footbridge::core {
namespace {

// A proxy with no more than this share of successes is chosen last, once it has failed more than one client: the first
// may have been the one who failed.
constexpr double kPoorShare = 0.5;
constexpr double kPoorFailures = 1.5;
// Fewer faded successes than this, and nobody knows any more whether it carries.
constexpr double kStillKnown = 0.25;
// A receipt names no client network, and one that never came neither.
constexpr std::uint64_t kNobody = 0;

}  // namespace

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
  due_.set(id, record.awaiting > 0 ? record.receipt_by : record.news + kForgetAfter);
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
  fail(now, proxy, client_network);
  plan(id, proxy);
}

void ProxyQuality::note_unreached(TimePoint now, const ProxyId& id) {
  auto& proxy = record(now, id);
  if (proxy.pending > 0) --proxy.pending;
  fade(now, proxy);
  proxy.bad += 1;
  plan(id, proxy);
}

void ProxyQuality::note_opened(TimePoint now, const ProxyId& id) {
  auto& proxy = record(now, id);
  if (receipts_ == ReceiptsExpected::No) {
    if (proxy.pending > 0) --proxy.pending;
    succeed(now, proxy);
  } else if (proxy.awaiting < proxy.pending) {
    if (proxy.awaiting++ == 0) proxy.receipt_by = now + kReceiptBy;
  }
  plan(id, proxy);
}

void ProxyQuality::note_receipt(TimePoint now, const ProxyId& id, bool success, unsigned bytes_log2) {
  const bool proves = success && bytes_log2 >= kUsefulBytesLog2;
  // Its match was counted when it opened: what is pending now are others.
  if (receipts_ == ReceiptsExpected::No && !proves) return;
  auto& proxy = record(now, id);
  if (receipts_ == ReceiptsExpected::Yes && proxy.pending > 0) --proxy.pending;
  if (proxy.awaiting > 0 && --proxy.awaiting > 0) proxy.receipt_by = now + kReceiptBy;
  if (proves)
    succeed(now, proxy);
  else
    fail(now, proxy, kNobody);
  plan(id, proxy);
}

void ProxyQuality::succeed(TimePoint now, Record& proxy) {
  fade(now, proxy);
  proxy.good += 1;
  proxy.failures = 0;
  proxy.barred_until.reset();
}

void ProxyQuality::fail(TimePoint now, Record& proxy, std::uint64_t client_network) {
  const auto row_end = proxy.row.begin() + proxy.failures;
  if (std::find(proxy.row.begin(), row_end, client_network) != row_end) return;
  fade(now, proxy);
  proxy.bad += 1;
  proxy.row[proxy.failures++] = client_network;
  if (proxy.failures < kRow) return;
  proxy.failures = 0;
  proxy.good = 0;
  proxy.barred_until = now + kBarredFor;
}

ProxyStanding ProxyQuality::standing(TimePoint now, const ProxyId& id, std::uint32_t slots) const {
  const auto found = records_.find(id);
  if (found == records_.end()) return {ProxyTier::New, std::min(slots, kProbationSlots)};
  const auto& proxy = found->second;
  const auto good = faded(proxy.good, now - proxy.as_of);
  const auto bad = faded(proxy.bad, now - proxy.as_of);
  const bool proven = good >= kStillKnown;
  const bool barred = proxy.barred_until && now < *proxy.barred_until;
  const bool poor = barred || (bad >= kPoorFailures && good / (good + bad) <= kPoorShare);
  if (proven) return {poor ? ProxyTier::Poor : ProxyTier::Proven, slots};
  return {poor ? ProxyTier::Poor : ProxyTier::New,
          proxy.pending >= kProbationSlots ? 0 : std::min(slots, kProbationSlots - proxy.pending)};
}

void ProxyQuality::on_deadline(TimePoint now) {
  while (const auto id = due_.pop_due(now)) {
    auto& proxy = records_.at(*id);
    if (proxy.awaiting > 0) {
      proxy.pending -= std::min(proxy.pending, proxy.awaiting);
      proxy.awaiting = 0;
      fail(now, proxy, kNobody);  // one for all that came together: the egress may have been away
      plan(*id, proxy);
    } else if (proxy.news + kForgetAfter <= now) {
      records_.erase(*id);
    } else {
      plan(*id, proxy);
    }
  }
}

}  // namespace footbridge::core
