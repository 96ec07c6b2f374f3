// ReceiptBook: what an egress has yet to tell its broker of proxies. Each receipt waits for a time drawn when it comes
// in, so that neither its moment nor its place among others says when its path was over (docs/spec/12-tickets.md §5).
// Bounds: kMaxReceipts; when it is full the oldest goes, and is counted. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::core {

class ReceiptBook {
 public:
  static constexpr std::size_t kMaxReceipts = 16'384;  // HBT-B6: all that reports can tell in 15 minutes; 3 MiB
  static constexpr Seconds kLeastDelay{300};           // HBT-T5: longer than anybody remembers a click
  static constexpr Seconds kMostDelay{900};            // HBT-T6: a volunteer's evening is longer: it still counts

  void add(TimePoint now, const wire::Receipt& receipt, Rng& rng);
  // Those that may be told now, at most so many; they are out of the book then.
  std::vector<wire::Receipt> take_due(TimePoint now, std::size_t most);

  std::size_t size() const { return receipts_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::map<std::uint64_t, wire::Receipt> receipts_;  // by the order in which they came
  DeadlineSet<std::uint64_t> due_;
  std::uint64_t last_ = 0;
  std::uint64_t dropped_ = 0;
};

// What is known of a path when its receipt is written: at its end, or when it is kReceiptAge old, whichever comes
// first.
struct PathWorth {
  bool carried = false;     // a session went over it
  bool silent = false;      // it is not heard now
  std::uint64_t bytes = 0;  // both ways together
};
inline constexpr Seconds kReceiptAge{600};  // HBT-T9: who carried for ten minutes has shown it; a stay may last a day
// Who let the handshake through and swallowed the rest has not carried; who moved kUsefulPathBytes before has.
inline constexpr std::uint64_t kUsefulPathBytes = 8 * 1'024;  // HBT-B7: more than a handshake, less than a web page
wire::Receipt receipt_of(const wire::ProxyMark& proxy, const PathWorth& path);

// floor(log2) of what went over a path, both ways together; 0 for nothing.
std::uint8_t receipt_log2(std::uint64_t bytes);

}  // namespace footbridge::core
