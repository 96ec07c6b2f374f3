// MatchTable: the matches a broker has made.
//
//   Assigned ──answer──▶ Answered ──reply to the client──▶ Delivered
//      │ deadline, failure   │ client gone                    │ outcome, deadline
//      └─────────────────────┴────────────▶ past ◀────────────┘
//
// Of a past match only its proxy is remembered for a while, so that a client can name proxies to avoid without ever
// learning their ids, and for the first minute its client's network: a client that says by then that nothing went
// through it complains of it, once. Bounds: kMaxOpen (full() is asked before add()), kMaxPast (the oldest is
// forgotten). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/report_run.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

struct OpenMatch {
  enum class State : std::uint8_t { Assigned, Answered, Delivered };
  MatchId id;
  State state = State::Assigned;
  std::uint64_t offer = 0;  // request key
  unsigned sdp_index = 0;
  ProxyId proxy;
  wire::Nat proxy_nat;
  std::uint64_t prefix = 0;   // of the client: whose budget it takes from
  std::uint64_t network = 0;  // of the client, as ProxyQuality tells networks apart
  std::uint64_t proxy_capabilities = 0;
  ReportRun run;       // of its egress when it was made: are receipts to be expected?
  bool alone = false;  // its client had nobody else, and would come back at once if nothing went through it
  bool complained_of = false;
  bool test = false;  // given to a tester: what came of it is TestedProxies', not ProxyQuality's
};

class MatchTable {
 public:
  static constexpr std::size_t kMaxOpen = 65'536;  // BRK-B3: 2,000 matches per second for 30 s
  static constexpr std::size_t kMaxPast = 65'536;  // BRK-B4
  static constexpr Seconds kPastTtl{
      3'600};  // BRK-T10: longer than most paths live; later the same proxy may come twice

  // BRK-T15: longer than a client takes to notice that nothing goes through; later it is the end of a path that was
  // good.
  static constexpr Seconds kComplaintsFor{60};

  bool full() const { return open_.size() >= kMaxOpen; }
  void add(OpenMatch match, TimePoint deadline);
  OpenMatch* find(const MatchId& id);  // null: unknown or past
  void answered(OpenMatch& match);     // no deadline of its own: its offer has one
  void delivered(OpenMatch& match, TimePoint deadline);
  // Out of the open ones, into the past.
  OpenMatch close(TimePoint now, const MatchId& id);
  // The same for one whose proxy says that it is open: its client may complain of it from now on.
  OpenMatch close_opened(TimePoint now, const MatchId& id);
  struct Complaint {
    ProxyId proxy;
    std::uint64_t network = 0;
    ReportRun run;
  };
  // Nothing goes through this match, says the one it was given to. Of one that is still open it is noted there; nullopt
  // then, and if there is nothing to complain of.
  std::optional<Complaint> complain(TimePoint now, const MatchId& id);
  // Who served a match, open or past.
  std::optional<ProxyId> proxy_of(const MatchId& id) const;

  std::optional<TimePoint> deadline() const { return deadlines_.earliest(); }
  // The next open match whose deadline has come; it stays open until close().
  std::optional<MatchId> pop_due(TimePoint now) { return deadlines_.pop_due(now); }
  std::size_t open() const { return open_.size(); }
  std::size_t past() const { return past_.size(); }

 private:
  std::unordered_map<MatchId, OpenMatch> open_;  // ids are drawn by the broker
  DeadlineSet<MatchId> deadlines_;
  struct Past {
    ProxyId proxy;
    std::uint64_t network = 0;
    ReportRun run;
    TimePoint complaints_until{};
  };
  std::unordered_map<MatchId, Past> past_;
  std::deque<std::pair<TimePoint, MatchId>> past_order_;
};

}  // namespace footbridge::core
