#include "core/rendezvous/egress_book.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/leg_token.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::core {
namespace {

// Tickets that a new client draws for an egress so full; nobody is sent to a full one while another has room.
unsigned weight(wire::LoadClass load) {
  switch (load) {
    case wire::LoadClass::Unknown:
    case wire::LoadClass::Light: return 4;
    case wire::LoadClass::Half: return 2;
    case wire::LoadClass::High: return 1;
    case wire::LoadClass::Full: return 0;
  }
  FB_ASSERT(false);
}

bool same_key(const crypto::SecretKey& a, const crypto::SecretKey& b) {
  return std::ranges::equal(a.reveal_to_primitive(), b.reveal_to_primitive());
}

Bytes joined(const std::vector<wire::EgressId>& names) {
  Bytes out;
  for (const auto& id : names) append(out, id.view());
  return out;
}

}  // namespace

EgressBook::EgressBook(std::vector<EgressEntry> egresses) {
  FB_ASSERT(!egresses.empty());
  for (auto& entry : egresses) add(std::move(entry));
}

void EgressBook::add(EgressEntry entry) {
  auto ticket_key = crypto::ticket_key(entry.leg_key);
  auto heartbeat_key = crypto::heartbeat_key(entry.leg_key);
  places_.push_back({std::move(entry), ticket_key, heartbeat_key});
}

EgressBook::Replaced EgressBook::replace(std::vector<EgressEntry> egresses) {
  FB_ASSERT(!egresses.empty());
  Replaced out;
  std::set<std::size_t> listed;
  for (auto& entry : egresses) {
    const auto same = [&](const Place& p) {
      return p.entry.id == entry.id && same_key(p.entry.leg_key, entry.leg_key);
    };
    const auto known = std::find_if(places_.begin(), places_.end(), same);
    listed.insert(static_cast<std::size_t>(known - places_.begin()));
    if (known == places_.end()) {
      ++out.added;
      add(std::move(entry));
    } else {
      // Who comes back after it was taken out keeps its sequence: an old report is no more true for that.
      out.added += known->served ? 0 : 1;
      known->served = true;
      known->entry = std::move(entry);
    }
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].served || listed.contains(i)) continue;
    ++out.removed;
    retire(i);
  }
  return out;
}

void EgressBook::retire(std::size_t egress) {
  auto& place = places_[egress];
  place.served = false;
  place.state = State::Untold;
  place.run = 0;
  silences_.erase(egress);
  changed_.erase(egress);
}

bool EgressBook::takes_clients(std::size_t egress) const {
  if (!places_[egress].served) return false;
  switch (places_[egress].state) {
    case State::Untold:
    case State::Heard: return true;
    case State::Leaving:
    case State::Silent: return false;
  }
  FB_ASSERT(false);
}

std::size_t EgressBook::up() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) count += takes_clients(i) ? 1 : 0;
  return count;
}

ReportRun EgressBook::run(std::size_t egress) const {
  return {static_cast<std::uint32_t>(egress), places_[egress].run};
}

bool EgressBook::lasts(const ReportRun& run) const { return run.reporting() && places_[run.egress].run == run.number; }

std::optional<std::size_t> EgressBook::choose(const std::optional<wire::EgressId>& wish, Rng& rng) const {
  if (wish) {
    const auto egress = find(*wish);
    return egress && takes_clients(*egress) ? egress : std::nullopt;
  }
  std::uint64_t sum = 0;
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!takes_clients(i)) continue;
    sum += weight(places_[i].load);
    ++any;
  }
  if (any == 0) return std::nullopt;
  auto drawn = rng.between(1, sum == 0 ? any : sum);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!takes_clients(i)) continue;
    const auto share = sum == 0 ? 1 : weight(places_[i].load);
    if (drawn <= share) return i;
    drawn -= share;
  }
  FB_ASSERT(false);
}

Private<Bytes> EgressBook::leg_token(std::size_t egress, UnixSeconds unix_now, const MatchId& match,
                                     std::uint16_t shard, Rng& rng) const {
  const crypto::LegToken token{match, shard, UnixSeconds{count(unix_now) + crypto::kLegTokenLifetimeSeconds}};
  return Private<Bytes>(crypto::seal_leg_token(token, places_[egress].entry.leg_key, rng));
}

Private<Bytes> EgressBook::ticket(std::size_t egress, UnixSeconds unix_now, const MatchId& match, const ProxyId& proxy,
                                  const Client& client, Rng& rng) const {
  const auto& place = places_[egress];
  const crypto::Ticket ticket{match,          crypto::proxy_mark(proxy),
                              client.country, client.prefix,
                              place.boot,     UnixSeconds{count(unix_now) + crypto::kTicketLifetimeSeconds}};
  return Private<Bytes>(crypto::seal_ticket(ticket, place.ticket_key, rng));
}

std::optional<EgressBook::Heard> EgressBook::on_heartbeat(TimePoint now, UnixSeconds unix_now,
                                                          const wire::Heartbeat& heartbeat, Rng& rng) {
  std::optional<std::size_t> egress;
  for (const auto& id : heartbeat.names)
    if (!egress) egress = find(id);
  if (!egress) return std::nullopt;
  auto& place = places_[*egress];
  const auto names = joined(heartbeat.names);
  const auto plain = crypto::open_heartbeat(crypto::HeartbeatBox::Report, names, heartbeat.sealed, place.heartbeat_key);
  auto report = plain ? wire::parse_egress_report(*plain) : std::nullopt;
  if (!report) return std::nullopt;
  Heard heard{*egress, judge(unix_now, place, *report), {}, {}};
  if (heard.verdict == wire::ReportVerdict::Taken) {
    const bool again = report->boot == place.boot && report->batch <= place.last_batch;
    take(now, *egress, *report);
    if (!again) heard.receipts = std::move(report->receipts);
  }
  const wire::ReportAnswer answer{report->boot, report->sequence, heard.verdict, place.last_sequence};
  heard.sealed_answer = crypto::seal_heartbeat(crypto::HeartbeatBox::Answer, names, wire::encode_report_answer(answer),
                                               place.heartbeat_key, rng);
  return heard;
}

wire::ReportVerdict EgressBook::judge(UnixSeconds unix_now, const Place& place,
                                      const wire::EgressReport& report) const {
  const auto now = count(unix_now);
  const auto at = count(report.sent_at);
  const auto gap = at > now ? at - now : now - at;
  if (gap > static_cast<std::uint64_t>(kMostClockGap.count())) return wire::ReportVerdict::WrongTime;
  return report.sequence > place.last_sequence ? wire::ReportVerdict::Taken : wire::ReportVerdict::Stale;
}

void EgressBook::take(TimePoint now, std::size_t egress, const wire::EgressReport& report) {
  auto& place = places_[egress];
  if (report.boot != place.boot) place.last_batch = 0;
  // A restarted egress has forgotten its receipts.
  if (place.run == 0 || report.boot != place.boot) place.run = ++last_run_;
  place.boot = report.boot;
  place.last_sequence = report.sequence;
  place.last_batch = std::max(place.last_batch, report.batch);
  place.load = report.load;
  enter(egress, report.draining ? State::Leaving : State::Heard);
  silences_.set(egress, now + kSilentAfter);
}

void EgressBook::on_deadline(TimePoint now) {
  while (const auto egress = silences_.pop_due(now)) {
    places_[*egress].run = 0;
    enter(*egress, State::Silent);
  }
}

void EgressBook::enter(std::size_t egress, State state) {
  if (std::exchange(places_[egress].state, state) != state) changed_.insert(egress);
}

std::optional<EgressBook::Change> EgressBook::poll_change() {
  if (changed_.empty()) return std::nullopt;
  const auto& place = places_[changed_.extract(changed_.begin()).value()];
  return Change{place.entry.id, place.state};
}

std::optional<std::size_t> EgressBook::find(const wire::EgressId& id) const {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].served && places_[i].entry.id == id) return i;
  return std::nullopt;
}

std::string_view name(EgressState state) {
  switch (state) {
    case EgressState::Untold: return "untold";
    case EgressState::Heard: return "heard";
    case EgressState::Leaving: return "leaving";
    case EgressState::Silent: return "silent";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
