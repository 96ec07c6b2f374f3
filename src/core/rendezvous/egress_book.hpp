// EgressBook: the egresses that a broker serves, and what it heard of each: whether it runs, since which boot, and how
// full it is (docs/spec/12-tickets.md §7). It seals what they are shown.
//
//   Untold ──report──▶ Heard ◀──report── Silent         Heard ──kSilentAfter──▶ Silent
//                        └── "draining" ──▶ Leaving ──report without it──▶ Heard
//
// An egress of which no report ever came (Untold) gets clients: it is one that does not send any. Once it has sent one,
// it gets none while it is silent or leaves. A report counts when it was sealed with its key, its time is about ours,
// and its sequence is above all before. From the first report until it falls silent or restarts is one run
// (report_run.hpp): for what is matched in it receipts are to be expected.
// Bounds: the number of egresses, from our own configuration; those that were taken out of it are kept until the end,
// because matches name them. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/country.hpp"
#include "base/private.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/report_run.hpp"
#include "crypto/secret_key.hpp"
#include "crypto/ticket.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

struct EgressEntry {
  wire::EgressId id;
  Private<std::string> relay_url;  // without token and without trailing slash: "wss://egress.example/leg"
  crypto::SecretKey leg_key;       // shared with that egress
  std::uint16_t udp_port = 0;      // where it takes legs over UDP, on the same host; 0: it does not
};

enum class EgressState : std::uint8_t { Untold, Heard, Leaving, Silent };
std::string_view name(EgressState state);

class EgressBook {
 public:
  static constexpr Seconds kSilentAfter{60};   // HBT-T2: three reports lost in a row, and the jitter of the fourth
  static constexpr Seconds kMostClockGap{60};  // HBT-T3: replays older than this find nobody, also at a new broker

  explicit EgressBook(std::vector<EgressEntry> egresses);

  // From now on these are served, at least one. Who was among them already, with the same key, keeps what was heard of
  // it; who is not among them takes nobody any more and is not listened to, while its matches go on.
  struct Replaced {
    std::size_t added = 0, removed = 0;
  };
  Replaced replace(std::vector<EgressEntry> egresses);

  const EgressEntry& at(std::size_t egress) const { return places_[egress].entry; }
  bool takes_clients(std::size_t egress) const;
  std::size_t up() const;  // how many do
  // Of what is matched with it now.
  ReportRun run(std::size_t egress) const;
  bool lasts(const ReportRun& run) const;
  // The one wished for, or any that takes clients, rather one that is less full. nullopt: that one, or every one, is
  // unknown, silent or leaving.
  std::optional<std::size_t> choose(const std::optional<wire::EgressId>& wish, Rng& rng) const;

  // For the proxy, and for the client.
  Private<Bytes> leg_token(std::size_t egress, UnixSeconds unix_now, const MatchId& match, std::uint16_t shard,
                           Rng& rng) const;
  struct Client {
    Country country;
    crypto::PrefixClass prefix = crypto::PrefixClass::Unknown;
  };
  Private<Bytes> ticket(std::size_t egress, UnixSeconds unix_now, const MatchId& match, const ProxyId& proxy,
                        const Client& client, Rng& rng) const;

  struct Heard {
    std::size_t egress = 0;
    wire::ReportVerdict verdict = wire::ReportVerdict::Unknown;
    Bytes sealed_answer;
    std::vector<wire::Receipt> receipts;  // each once, whatever was repeated
  };
  // nullopt: not from an egress of ours, and nobody is told more than that.
  std::optional<Heard> on_heartbeat(TimePoint now, UnixSeconds unix_now, const wire::Heartbeat& heartbeat, Rng& rng);

  std::optional<TimePoint> deadline() const { return silences_.earliest(); }
  void on_deadline(TimePoint now);

  // For the operator: an egress whose state has changed since this was asked last. One entry each, the latest counts.
  struct Change {
    wire::EgressId egress;
    EgressState state = EgressState::Untold;
  };
  std::optional<Change> poll_change();

 private:
  using State = EgressState;
  struct Place {
    EgressEntry entry;
    crypto::SecretKey ticket_key;
    crypto::SecretKey heartbeat_key;
    bool served = true;
    State state = State::Untold;
    std::uint64_t run = 0;  // of its reports; 0: none
    wire::BootEpoch boot{};
    std::uint64_t last_sequence = 0;
    std::uint64_t last_batch = 0;  // of this boot
    wire::LoadClass load = wire::LoadClass::Unknown;
  };
  void add(EgressEntry entry);
  void retire(std::size_t egress);
  std::optional<std::size_t> find(const wire::EgressId& id) const;
  wire::ReportVerdict judge(UnixSeconds unix_now, const Place& place, const wire::EgressReport& report) const;
  void take(TimePoint now, std::size_t egress, const wire::EgressReport& report);
  void enter(std::size_t egress, State state);

  std::vector<Place> places_;
  std::uint64_t last_run_ = 0;
  std::set<std::size_t> changed_;
  DeadlineSet<std::size_t> silences_;  // when each that was heard counts as silent
};

}  // namespace footbridge::core
