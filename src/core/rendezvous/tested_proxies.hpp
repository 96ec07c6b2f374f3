// TestedProxies: what the network's testers say about proxies of the common compartment, and who may be given a proxy
// because of that. A tester is an ordinary client whose invite the operator marked (InviteDesk::is_tester); it opens a
// whole path through a proxy, as a person would, and says what came of it. docs/spec/16-proxy-tests.md.
//
//   a proxy that nobody knows to carry, while a tester is active:
//
//   Held ──given to a tester──▶ Tested ──passed──▶ given to people, and better than others of whom nobody knows
//    │ kPatience                  │  ▲ │ no word by kVerdictBy: as if it had not been tested
//    ▼                     failed │  │ kAgainAfter
//   given to people               ▼  │
//                       Held, or from kFailures in a row on Out ──kOutFor without a test──▶ given to people
//
// It fails open: without an active tester nobody is held, and nobody is held for longer than kPatience and one test. A
// tester may be wrong, too: after kControlAfter failures in a row it is given proxies that are known to carry, and
// after kMistrustAfter nobody is held or out because of it until somebody passes.
//
// Bounds: kMaxProxies records, the one without news for longest goes; kMaxOpen tests. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/audience.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/proxy_standing.hpp"
#include "core/rendezvous/rate_buckets.hpp"
#include "core/rendezvous/report_run.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

class TestedProxies {
 public:
  // TST-T1: a tester offers again at most 25 s later, one of many brokers' waits and a lost request beyond that.
  static constexpr Seconds kTesterLasts{60};
  static constexpr Seconds kPatience{60};     // TST-T2: a test that goes well takes a few seconds; a queue of ten fits
  static constexpr Seconds kVerdictBy{45};    // TST-T3: BRK-T3, the tester's own limit TST-T7, and a round trip
  static constexpr Seconds kAgainAfter{120};  // TST-T4: who opens a port in his router waits for the next test; doubled
  static constexpr Seconds kMostPause{1'800};  // TST-T14: with each failure, or a hundred of them are all a tester does
  static constexpr Seconds kOutFor{900};       // TST-T5: and then no tester came to say so again: it may be well
  static constexpr Seconds kPassedFor{3'600};  // TST-T6: by then people's matches say more
  static constexpr Seconds kForgetAfter{3'600};  // TST-T9: polls come every half minute
  static constexpr unsigned kFailures = 2;       // TST-B1: in a row; one may be a lost packet
  static constexpr unsigned kControlAfter = 3;   // TST-B2: different proxies in a row that failed
  static constexpr unsigned kMistrustAfter = 8;  // TST-B3: the same: rather the tester's network than all of theirs
  static constexpr std::size_t kMaxProxies = 65'536;  // TST-B4: as many as may wait; about 12 MiB
  static constexpr std::size_t kMaxOpen = 1'024;      // TST-B5: the oldest is forgotten; each ends by TST-T3
  // TST-T8, TST-B6: tests of proxies of one network: one every 15 s, and 8 saved. Who brings a thousand keeps no tester
  // from others'.
  static constexpr Seconds kOfNetworkInterval{15};
  static constexpr std::uint32_t kOfNetworkBurst = 8;

  enum class State : std::uint8_t {
    None,        // no tester was ever heard
    Active,      // heard within kTesterLasts
    Silent,      // not any more: nobody is held
    Mistrusted,  // active, and whoever it meets fails: nobody is held or out
  };
  // A poll that is not to wait: what its volunteer is told, and when it may come again.
  struct Out {
    wire::Refusal why = wire::Refusal::Unreachable;
    Millis again_in{};
  };
  struct Stats {
    std::uint64_t begun = 0, passed = 0, failed = 0, untold = 0;
  };

  void note_tester(TimePoint now);
  // It polls for clients. `network`: its own; 0: a front hides it, and the bound of one network does not hold.
  std::optional<Out> on_poll(TimePoint now, const ProxyId& id, ProxyTier tier, std::uint64_t network);
  // Of one that waits.
  Audience audience(TimePoint now, const ProxyId& id, ProxyTier tier) const;

  // This match was given to a tester; one of the three below follows, or on_deadline() ends it.
  void note_begun(TimePoint now, const MatchId& match, const ProxyId& id, const ReportRun& run, ProxyTier tier);
  // The tester's word, or the broker's own where it saw it. A match that is no test is ignored.
  struct Passed {
    ProxyId proxy;
    ReportRun run;
  };
  std::optional<Passed> note_outcome(TimePoint now, const MatchId& match, wire::OutcomeKind kind);

  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  // The next proxy whose audience may be another one.
  std::optional<ProxyId> poll_changed();
  // The tester, for the operator; each change once.
  std::optional<State> poll_state();
  State state() const { return state_; }
  const Stats& stats() const { return stats_; }
  std::size_t remembered() const { return records_.size() + open_.size(); }

 private:
  struct Record {
    TimePoint held_until{};
    std::optional<TimePoint> tested_until;  // a test is under way
    TimePoint passed_until{};
    TimePoint again_at{};
    TimePoint out_until{};
    TimePoint news{};
    std::uint64_t network = 0;
    unsigned failures = 0;  // in a row
    wire::Refusal why = wire::Refusal::Unreachable;
  };
  struct Test {
    ProxyId proxy;
    ReportRun run;
    bool control = false;  // of a proxy that is known to carry
  };

  bool active() const { return state_ == State::Active || state_ == State::Mistrusted; }
  Record& record_of(TimePoint now, const ProxyId& id);
  bool is_out(TimePoint now, const Record& record, ProxyTier tier) const;
  void fail(TimePoint now, Record& record, bool control, wire::Refusal why);
  void become(State state);
  void release();
  void change(const ProxyId& id) { changed_.push_back(id); }
  void plan(TimePoint now, const ProxyId& id, const Record& record);

  State state_ = State::None;
  std::optional<State> told_;  // a change that nobody has heard of
  TimePoint heard_{};
  unsigned row_ = 0;  // failures since somebody passed, one of each proxy
  Stats stats_;
  std::map<ProxyId, Record> records_;       // ids are chosen by peers: an ordered map
  DeadlineSet<ProxyId> due_;                // a hold or a test is over, or everything forgotten
  std::unordered_map<MatchId, Test> open_;  // ids are drawn by the broker
  DeadlineSet<MatchId> ends_;
  RateBuckets of_network_{kOfNetworkInterval, kOfNetworkBurst};
  std::deque<ProxyId> changed_;  // drained after every call
};

}  // namespace footbridge::core
