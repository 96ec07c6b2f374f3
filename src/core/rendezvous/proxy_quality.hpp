// ProxyQuality: what became of the matches of each proxy, and what follows: how soon it is chosen and how many clients
// it may have (ProxyStanding).
//
//   New ──success──▶ Proven ◀──▶ Poor       by the share of successes, the older the less they count
//   │ ▲ one client    ▲ │                   kRow failures in a row, each with another client network: chosen last and
//   ▼ │ failure       │ │                   with one client for kBarredFor, or until its next success: it never starves
//   Promising ──success │                   those who have nobody else
//     └─────────────────┴──▶ barred         Promising: kTrial ago a link opened for a client that had nobody else, and
//                                           it did not complain, or a tester passed it
//
// One client at a time is on trial with who has not carried: until kTrial after its link opened, if nothing failed.
// Those before it may stay. So a newcomer has a second client long before the first receipt, which takes a quarter of
// an hour.
//
// A success is what somebody else than the proxy says: a receipt of an egress that bytes flowed. Of a match with an
// egress that did not report then (ReportRun) its own word that link and leg are open has to do. A failure is no
// answer, an answer that fails, a link that does not come about, and a client that says at once that nothing
// went through what opened (a complaint). Who fails whose links is not known, so of one
// client network only the first failure in a row counts: nobody can take a good proxy away from others. All networks
// that a front hides are one. A leg that does not come about makes a proxy Poor at most: it is the egress that was away
// for all of them.
//
// A receipt that it carried nothing, or none in time from an egress that has reported all the while, is a doubt: half a
// failure, one of each egress in a row, so that no egress alone can make Poor who carries elsewhere. Each further one
// takes a part of what is known of it: who has carried and swallows now becomes New. What an egress says counts for as
// many matches as were made with it, and no more.
//
// Bounds: kMaxProxies records, each made with its first match; then one without news or with a receipt due is
// forgotten. kMaxRuns egresses that owe receipts for one proxy; of more nothing is expected of the oldest. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/proxy_standing.hpp"
#include "core/rendezvous/report_run.hpp"

namespace footbridge::core {

class ProxyQuality {
 public:
  static constexpr std::size_t kMaxProxies = 65'536;   // QLT-B1: as many as may wait; about 36 MiB
  static constexpr std::uint32_t kProbationSlots = 1;  // QLT-B2: clients of a proxy that has never carried
  static constexpr std::size_t kRow = 10;              // QLT-B3: failures in a row, and the proxy is barred
  static constexpr unsigned kUsefulBytesLog2 = 13;     // QLT-B4: a receipt for less than 8 KiB proves nothing
  static constexpr std::uint64_t kHiddenNetworks = 1;  // the client network of everybody whose address a front hides
  static constexpr Seconds kBarredFor{3'600};          // QLT-T1: what was wrong with it may be mended in an hour
  static constexpr Seconds kHalfLife{21'600};          // QLT-T2: six hours ago counts half: networks change by the day
  static constexpr std::size_t kMaxRuns = 4;           // QLT-B5: a proxy serves clients of few egresses in QLT-T3
  static constexpr Seconds kReceiptBy{2'700};          // QLT-T3: HBT-T9, HBT-T6, and as much again
  static constexpr Seconds kTrial{30};  // QLT-T5: who is connected through nothing notices within 15 s, and comes back
  static constexpr Seconds kForgetAfter{86'400};  // QLT-T4: without news for four half-lives nothing is left to know

  // A match was made with it; each is followed by one of the four below, or by a receipt.
  void note_matched(TimePoint now, const ProxyId& id);
  // Nothing can be told from it: the client left, or the volunteer said that it had no slot or that the offer was bad.
  void note_nothing(const ProxyId& id);
  void note_failure(TimePoint now, const ProxyId& id, std::uint64_t client_network);
  // Its own word that it did not reach the egress.
  void note_unreached(TimePoint now, const ProxyId& id);
  // Its own word that a link and its leg are open; `run` is of its egress when the match was made, `alone` of a client
  // that had nobody else.
  void note_opened(TimePoint now, const ProxyId& id, const ReportRun& run, bool alone);
  // A tester's word that a path through it carries.
  void note_passed(TimePoint now, const ProxyId& id, const ReportRun& run);
  // The word of that client: nothing goes through what opened.
  void note_complaint(TimePoint now, const ProxyId& id, const ReportRun& run, std::uint64_t client_network);
  // An egress's word about one of its stays. False: about none that it owes a receipt for; nothing has changed.
  struct Receipt {
    bool carried = false;
    unsigned bytes_log2 = 0;
  };
  bool note_receipt(TimePoint now, const ProxyId& id, const ReportRun& run, const Receipt& receipt);

  // Of a proxy that offers `slots`.
  ProxyStanding standing(TimePoint now, const ProxyId& id, std::uint32_t slots) const;

  std::optional<TimePoint> deadline() const { return due_.earliest(); }
  // `lasts`: does this run last still?
  void on_deadline(TimePoint now, const std::function<bool(const ReportRun&)>& lasts);
  std::size_t known() const { return records_.size(); }

 private:
  // Matches that have opened, and of which an egress owes a receipt.
  struct Awaited {
    ReportRun run;
    std::uint32_t matches = 0;  // 0: a free place
    TimePoint by{};             // of the oldest
  };
  struct Record {
    double good = 0, bad = 0;  // successes and failures, faded
    TimePoint as_of{};         // when they were faded last
    TimePoint news{};
    std::optional<TimePoint> barred_until;
    std::optional<TimePoint> trial_over;  // of the last link that opened, if no failure came after it
    bool vouched = false;                 // one of these links was of a client that had nobody else
    std::uint32_t pending = 0;            // matches of which nothing is known yet
    std::array<Awaited, kMaxRuns> awaited{};
    std::array<std::uint64_t, kRow> row{};  // client networks and egresses of the failures since the last success
    std::uint8_t failures = 0;              // of them
    std::uint32_t awaiting() const;         // of the pending ones, opened and without a receipt
  };
  Record& record(TimePoint now, const ProxyId& id);
  static double faded(double count, Duration age);
  static void fade(TimePoint now, Record& record);
  static void succeed(TimePoint now, Record& record);
  static bool fail(TimePoint now, Record& record, std::uint64_t whose, double weight);
  static void doubt(TimePoint now, Record& record, const ReportRun& run);
  static void await_receipt(TimePoint now, Record& record, const ReportRun& run);
  static void settle(Record& record, Awaited& awaited, std::uint32_t matches);
  void plan(const ProxyId& id, const Record& record);

  std::map<ProxyId, Record> records_;  // ids are chosen by peers: an ordered map
  DeadlineSet<ProxyId> due_;           // a receipt that is late, or everything forgotten
};

}  // namespace footbridge::core
