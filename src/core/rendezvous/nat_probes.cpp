#include "core/rendezvous/nat_probes.hpp"

#include <algorithm>
#include <chrono>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;
using wire::OutcomeKind;

constexpr wire::Nat kOpen{NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
constexpr wire::Nat kModerate{NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
constexpr wire::Nat kStrict{NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};

// Did the link come about? What came after it is no matter of address translation.
std::optional<bool> opened(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::Opened:
    case OutcomeKind::DialFailed: return true;
    case OutcomeKind::LinkTimeout:
    case OutcomeKind::LinkFailed: return false;
    case OutcomeKind::Stopped:
    case OutcomeKind::Unknown: return std::nullopt;
  }
  FB_ASSERT(false);
}

}  // namespace

wire::Nat nat_of(NatProbe probe) { return probe == NatProbe::AsStrict ? kStrict : kModerate; }

std::optional<NatProbe> probe_of(wire::Nat nat) {
  if (nat == kStrict) return NatProbe::AsStrict;
  if (nat == kModerate) return NatProbe::AsModerate;
  return std::nullopt;
}

std::string_view name(NatProbe probe) { return probe == NatProbe::AsStrict ? "as-strict" : "as-moderate"; }

const NatProbes::Record* NatProbes::valid(TimePoint now, const ProxyId& id, std::uint64_t network) const {
  const auto known = records_.find(id);
  if (known == records_.end() || known->second.network != network || known->second.until <= now) return nullptr;
  return &known->second;
}

double NatProbes::grown_by(TimePoint now) const {
  if (!allowance_at_) return 0;
  return std::chrono::duration<double, std::chrono::hours::period>(now - *allowance_at_).count() * kProbesAnHour;
}

void NatProbes::grow(double by) { allowance_ = std::min(allowance_ + by, static_cast<double>(kMostAtOnce)); }

std::optional<NatProbe> NatProbes::due(TimePoint now, const ProxyId& id, std::uint64_t network) const {
  if (allowance_ + grown_by(now) < 1 || open_.size() >= kMostAtOnce) return std::nullopt;
  const auto* const record = valid(now, id, network);
  if (record == nullptr) return NatProbe::AsStrict;
  return record->under_way || record->probes >= kMaxProbes ? std::nullopt : record->next;
}

void NatProbes::note_begun(TimePoint now, const MatchId& match, const ProxyId& id, std::uint64_t network) {
  ++stats_.begun;
  if (valid(now, id, network) == nullptr) {
    records_.erase(id);
    make_room(now);
    records_[id] = {network, now + kFoundFor};
    forgotten_.set(id, now + kFoundFor);
  }
  auto& record = records_[id];
  ++record.probes;
  record.under_way = true;
  open_[match] = {id, network};
  ends_.set(match, now + kProbeLimit);
  grow(grown_by(now) - 1);
  allowance_at_ = now;
}

void NatProbes::make_room(TimePoint now) {
  while (const auto ended = forgotten_.pop_due(now)) records_.erase(*ended);
  if (records_.size() < kMaxProbed) return;
  if (const auto oldest = forgotten_.pop_due(TimePoint::max())) records_.erase(*oldest);
}

std::optional<NatProbes::Probe> NatProbes::end(const MatchId& match) {
  const auto found = open_.find(match);
  if (found == open_.end()) return std::nullopt;
  const auto probe = found->second;
  open_.erase(found);
  ends_.erase(match);
  changed_.push_back(probe.proxy);
  return probe;
}

// Null: forgotten, or it is elsewhere since.
NatProbes::Record* NatProbes::record_of(const Probe& probe) {
  const auto known = records_.find(probe.proxy);
  return known != records_.end() && known->second.network == probe.network ? &known->second : nullptr;
}

bool NatProbes::note_nothing(const MatchId& match) {
  const auto probe = end(match);
  if (!probe) return false;
  ++stats_.untold;
  if (auto* const record = record_of(*probe)) record->under_way = false;
  return true;
}

bool NatProbes::note_outcome(TimePoint now, const MatchId& match, OutcomeKind kind) {
  const auto link = opened(kind);
  if (!link) return note_nothing(match);
  const auto probe = end(match);
  if (!probe) return false;
  if (auto* const record = record_of(*probe); record != nullptr && record->under_way) {
    record->under_way = false;
    conclude(now, *record, *link);
  }
  return true;
}

void NatProbes::conclude(TimePoint now, Record& record, bool opened) {
  const bool as_strict = record.next == NatProbe::AsStrict;
  record.next.reset();
  if (opened) {
    row_ = 0;
    ++(as_strict ? stats_.open : stats_.moderate);
    record.found = as_strict ? kOpen : kModerate;
  } else if (as_strict) {
    record.next = NatProbe::AsModerate;
  } else {
    if (row_++ == 0) row_began_ = now;
    ++(seems_broken(now) ? stats_.doubtful : stats_.strict);
    if (!seems_broken(now)) record.found = kStrict;
  }
}

bool NatProbes::seems_broken(TimePoint now) const { return row_ >= kBrokenRow && now - row_began_ >= kBrokenAfter; }

std::optional<wire::Nat> NatProbes::found(TimePoint now, const ProxyId& id, std::uint64_t network) const {
  const auto* const record = valid(now, id, network);
  return record != nullptr ? record->found : std::nullopt;
}

void NatProbes::on_deadline(TimePoint now) {
  while (const auto match = ends_.pop_due(now)) note_nothing(*match);
}

std::optional<ProxyId> NatProbes::poll_changed() {
  if (changed_.empty()) return std::nullopt;
  const auto out = changed_.front();
  changed_.pop_front();
  return out;
}

}  // namespace footbridge::core
