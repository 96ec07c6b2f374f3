// ProxyQuality: what became of the matches of each proxy, and what follows: how soon it is chosen and how many clients
// it may have (ProxyStanding).
//
//   New ──success──▶ Proven ◀──▶ Poor       by the share of successes, the older the less they count
//    │ one client     │                     kRow failures in a row, each with another client network: chosen last and
//    └────────────────┴──▶ barred           with one client for kBarredFor, or until its next success: it never starves
//                                           those who have nobody else
//
// A success is what somebody else than the proxy says: a receipt of an egress that bytes flowed. Without such egresses
// (ReceiptsExpected::No) its own word that link and leg are open has to do. A failure is no answer, an answer that
// fails, a link that does not come about, and a receipt that does not come. Who fails whose links is not known, so of
// one client network only the first failure in a row counts: nobody can take a good proxy away from others. All
// networks that a front hides are one, and so is nobody, who does not send receipts. A leg that does not come about
// makes a proxy Poor at most: it is the egress that was away for all of them.
//
// Bounds: kMaxProxies records, each made with its first match; then one without news or with a receipt due is
// forgotten. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/proxy_standing.hpp"

namespace footbridge::core {

enum class ReceiptsExpected : std::uint8_t { No, Yes };

class ProxyQuality {
 public:
  static constexpr std::size_t kMaxProxies = 65'536;   // QLT-B1: as many as may wait; about 24 MiB
  static constexpr std::uint32_t kProbationSlots = 1;  // QLT-B2: clients of a proxy that has never carried
  static constexpr std::size_t kRow = 10;              // QLT-B3: failures in a row, and the proxy is barred
  static constexpr unsigned kUsefulBytesLog2 = 13;     // QLT-B4: a receipt for less than 8 KiB proves nothing
  static constexpr std::uint64_t kHiddenNetworks = 1;  // the client network of everybody whose address a front hides
  static constexpr Seconds kBarredFor{3'600};          // QLT-T1: what was wrong with it may be mended in an hour
  static constexpr Seconds kHalfLife{21'600};          // QLT-T2: six hours ago counts half: networks change by the day
  static constexpr Seconds kReceiptBy{5'400};          // QLT-T3: an hour's stay, and receipts are 15 min late
  static constexpr Seconds kForgetAfter{86'400};  // QLT-T4: without news for four half-lives nothing is left to know

  explicit ProxyQuality(ReceiptsExpected receipts) : receipts_(receipts) {}

  // A match was made with it; each is followed by one of the four below, or by a receipt.
  void note_matched(TimePoint now, const ProxyId& id);
  // Nothing can be told from it: the client left, or the volunteer said that it had no slot or that the offer was bad.
  void note_nothing(const ProxyId& id);
  void note_failure(TimePoint now, const ProxyId& id, std::uint64_t client_network);
  // Its own word that it did not reach the egress.
  void note_unreached(TimePoint now, const ProxyId& id);
  // Its own word that a link and its leg are open.
  void note_opened(TimePoint now, const ProxyId& id);
  // An egress's word about one of its stays: whether it carried, and the binary logarithm of how many bytes. Where not
  // all egresses send them only the good ones count.
  void note_receipt(TimePoint now, const ProxyId& id, bool success, unsigned bytes_log2);

  // Of a proxy that offers `slots`.
  ProxyStanding standing(TimePoint now, const ProxyId& id, std::uint32_t slots) const;

  std::optional<TimePoint> deadline() const { return due_.earliest(); }
  void on_deadline(TimePoint now);
  std::size_t known() const { return records_.size(); }

 private:
  struct Record {
    double good = 0, bad = 0;  // successes and failures, faded
    TimePoint as_of{};         // when they were faded last
    TimePoint news{};
    std::optional<TimePoint> barred_until;
    std::uint32_t pending = 0;              // matches of which nothing is known yet
    std::uint32_t awaiting = 0;             // of these, opened and without a receipt
    TimePoint receipt_by{};                 // of the oldest of them
    std::array<std::uint64_t, kRow> row{};  // client networks of the failures since the last success
    std::uint8_t failures = 0;              // of them
  };
  Record& record(TimePoint now, const ProxyId& id);
  static double faded(double count, Duration age);
  static void fade(TimePoint now, Record& record);
  static void succeed(TimePoint now, Record& record);
  static void fail(TimePoint now, Record& record, std::uint64_t client_network);
  void plan(const ProxyId& id, const Record& record);

  ReceiptsExpected receipts_;
  std::map<ProxyId, Record> records_;  // ids are chosen by peers: an ordered map
  DeadlineSet<ProxyId> due_;           // a receipt that is late, or everything forgotten
};

}  // namespace footbridge::core
