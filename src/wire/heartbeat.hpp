// What an egress tells its broker every few seconds, and what the broker answers (docs/spec/12-tickets.md §6): the
// Heartbeat of proto/rendezvous.proto carries an EgressReport, sealed, and the reply a ReportAnswer. parse_* checks
// every bound before it copies; encode_* asserts them. Unknown fields are skipped, unknown enumerators read as Unknown.
// Sealing is crypto/heartbeat_box.hpp. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

namespace footbridge::wire {

// Drawn when an egress starts: two of them never have the same. All zero: none is known.
using BootEpoch = Id<struct BootEpochTag, 8>;
// Stands for a proxy towards egresses: a hash of its id, which they never hear.
using ProxyMark = Id<struct ProxyMarkTag, 16>;

inline constexpr std::size_t kMaxReportReceipts = 256;  // HBT-B1: 5 KiB; 17 paths a second at one report in 15 s
inline constexpr std::uint8_t kMaxReceiptLog2 = 62;     // HBT-B2: 4 EiB through one proxy

// HBT-B4: a report or its answer, sealed; twice the longest report.
inline constexpr std::size_t kMaxHeartbeatBytes = 16 * 1'024;

// How full an egress is: the fullest of its bounds. Full: it would refuse.
enum class LoadClass : std::uint8_t { Unknown, Light, Half, High, Full };
std::string_view name(LoadClass load);

// What became of one path, told minutes later and without its match: what proxies are worth is made of these.
struct Receipt {
  ProxyMark proxy;
  bool carried = false;         // its client's session went over it
  std::uint8_t log2_bytes = 0;  // 0: nothing, else floor(log2(bytes)) of both directions, 0 to kMaxReceiptLog2
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

struct EgressReport {
  BootEpoch boot;              // not all zero
  std::uint64_t sequence = 0;  // grows with each report of this egress, over its restarts too
  UnixSeconds sent_at{};       // by the egress's clock
  LoadClass load = LoadClass::Unknown;
  bool draining = false;
  std::uint64_t batch = 0;  // of the receipts; the same until they were taken
  std::vector<Receipt> receipts;
};

enum class ReportVerdict : std::uint8_t {
  Unknown,
  Taken,     // receipts need not be told again
  Stale,     // a report with this sequence or a later one was taken: go on behind `last_sequence`
  WrongTime  // the clocks of broker and egress disagree
};
std::string_view name(ReportVerdict verdict);

struct ReportAnswer {
  BootEpoch boot;              // of the report that is answered
  std::uint64_t sequence = 0;  // of the same
  ReportVerdict verdict = ReportVerdict::Unknown;
  std::uint64_t last_sequence = 0;  // the highest that was taken
};

// nullopt: not protobuf, or a bound is broken.
std::optional<EgressReport> parse_egress_report(ByteView in);
std::optional<ReportAnswer> parse_report_answer(ByteView in);
Bytes encode_egress_report(const EgressReport& report);
Bytes encode_report_answer(const ReportAnswer& answer);

}  // namespace footbridge::wire
