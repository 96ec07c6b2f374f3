// NatProbes: what links of the network's tester have shown of the address translation of proxies that cannot measure it
// themselves, as browsers cannot (spec 13 §11). The tester links with each as a client behind a strict translator
// would, and where that fails as one behind a moderate one:
//
//   nothing known ──▶ AsStrict ──opens──▶ open
//                        └─ fails ──▶ AsModerate ──opens──▶ moderate
//                                         └─ fails ──▶ strict; with a tester that seems broken: nothing
//
// What was found holds for kFoundFor and on the network where it was found. A probe of which nothing is heard is made
// again, kMaxProbes of either kind together.
//
// Bounds: kMaxProbed proxies, who was probed first is forgotten; kMostAtOnce, kProbesPerCent and kProbesAnHour for what
// probes may cost. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/audience.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

enum class NatProbe : std::uint8_t { AsStrict, AsModerate };
// What the offer of such a probe says of its own translation, and by which a broker knows it; nullopt: it is none.
wire::Nat nat_of(NatProbe probe);
std::optional<NatProbe> probe_of(wire::Nat nat);
std::string_view name(NatProbe probe);
constexpr Audience audience_of(NatProbe probe) {
  return probe == NatProbe::AsStrict ? Audience::StrictProbes : Audience::ModerateProbes;
}

class NatProbes {
 public:
  static constexpr std::size_t kMaxProbed = 65'536;  // NAT-B6: as many as may wait
  static constexpr std::size_t kMostAtOnce = 100;    // NAT-B7: probes that are under way
  static constexpr unsigned kProbesPerCent = 1;      // NAT-B8: of people's matches
  static constexpr unsigned kProbesAnHour = 20;      // NAT-B9: beside NAT-B8: 1 % of a quiet day would be nobody
  static constexpr unsigned kMaxProbes = 4;    // NAT-B10: of a proxy in NAT-T13: two, and two that came to nothing
  static constexpr unsigned kBrokenRow = 10;   // NAT-B11: as moderate, in a row, that did not open
  static constexpr Seconds kFoundFor{86'400};  // NAT-T13: networks change by the day
  static constexpr Seconds kProbeLimit{60};    // NAT-T14: an answer, a link's limit, and the way of the news
  static constexpr Seconds kBrokenAfter{600};  // NAT-T15: since the first of NAT-B11

  // `network`: a keyed hash of where the proxy is now, here and below. Which probe it may be given to.
  std::optional<NatProbe> due(TimePoint now, const ProxyId& id, std::uint64_t network) const;
  // It was given to it. One of the next two follows, or on_deadline() ends it.
  void note_begun(TimePoint now, const MatchId& match, const ProxyId& id, std::uint64_t network);
  // The tester's word. False, here and below: this match is no probe.
  bool note_outcome(TimePoint now, const MatchId& match, wire::OutcomeKind kind);
  bool note_nothing(const MatchId& match);
  // A match of people: what probes may cost grows with these.
  void note_match() { grow(static_cast<double>(kProbesPerCent) / 100); }

  // nullopt: nothing is known.
  std::optional<wire::Nat> found(TimePoint now, const ProxyId& id, std::uint64_t network) const;

  std::optional<TimePoint> deadline() const { return ends_.earliest(); }
  void on_deadline(TimePoint now);
  // The next proxy that may be due for another probe.
  std::optional<ProxyId> poll_changed();

  struct Stats {
    std::uint64_t begun = 0, untold = 0;
    std::uint64_t open = 0, moderate = 0, strict = 0, doubtful = 0;  // found; doubtful: because it seems broken
  };
  const Stats& stats() const { return stats_; }
  std::size_t remembered() const { return records_.size() + open_.size(); }

 private:
  struct Record {
    std::uint64_t network = 0;
    TimePoint until{};
    unsigned probes = 0;
    bool under_way = false;
    std::optional<NatProbe> next = NatProbe::AsStrict;
    std::optional<wire::Nat> found{};
  };
  struct Probe {
    ProxyId proxy;
    std::uint64_t network = 0;
  };
  const Record* valid(TimePoint now, const ProxyId& id, std::uint64_t network) const;
  std::optional<Probe> end(const MatchId& match);
  Record* record_of(const Probe& probe);
  void conclude(TimePoint now, Record& record, bool opened);
  void make_room(TimePoint now);
  void grow(double by);
  double grown_by(TimePoint now) const;
  bool seems_broken(TimePoint now) const;

  std::map<ProxyId, Record> records_;        // ids are chosen by peers: an ordered map
  DeadlineSet<ProxyId> forgotten_;           // when records are
  std::unordered_map<MatchId, Probe> open_;  // under way; ids are drawn by the broker
  DeadlineSet<MatchId> ends_;
  std::deque<ProxyId> changed_;            // drained after every call
  double allowance_ = kProbesAnHour;       // probes that might begin at allowance_at_
  std::optional<TimePoint> allowance_at_;  // of the last that began
  unsigned row_ = 0;                       // probes as moderate that did not open, since one of either kind did
  TimePoint row_began_{};
  Stats stats_;
};

}  // namespace footbridge::core
