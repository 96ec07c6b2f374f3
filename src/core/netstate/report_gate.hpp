// ReportGate: which reports netstate believes. Each is one of a network's reporter, signed by its key, at this time,
// later than the one before it, and of a node that is this key's: the key that brought a node first has it. So nothing
// that is said again counts, and nobody speaks for another.
//
// What a chain proves is remembered by the bytes of the chain, so that a report costs one verification. What is known
// of a node stays for kNodeRemembered after its last report, longer than a report can be said again. Bounds:
// kMaxKnownNodes, kMaxNodesOfKey, kMaxPageNodes, kMaxPageNodesOfSource, kMaxKnownChains; rates per source and per key.
// Not thread-safe: one owner.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/result.hpp"
#include "core/netstate/reporter_chain.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/rate_buckets.hpp"

namespace footbridge::core {

// NTS-T1 to NTS-T4 and NTS-B13 to NTS-B19, spec 18 §7.
inline constexpr Seconds kReportWindow{120};    // clocks of people's machines, as SEAL-T has it
inline constexpr Seconds kNodeRemembered{240};  // twice: a report from the future may be said again for so long
inline constexpr Millis kSourceInterval{20};    // 50 reports a second of one network
inline constexpr Millis kKeyInterval{1};        // 1000 of one key that is not public
inline constexpr std::uint32_t kSourceBurst = 500;
inline constexpr std::uint32_t kKeyBurst = 4'000;
inline constexpr std::size_t kMaxKnownNodes = 40'000;      // twice the graph: who has gone is remembered a while
inline constexpr std::size_t kMaxNodesOfKey = 8'192;       // of one reporter file: less than half of the graph
inline constexpr std::size_t kMaxPageNodes = 10'000;       // of all whose file is public: half of the graph
inline constexpr std::size_t kMaxPageNodesOfSource = 128;  // of those, of one network
inline constexpr std::size_t kMaxKnownChains = 4'096;

// A report that is right, of whom.
struct AdmittedReport {
  wire::StateReport report;
  wire::ReporterKey key{};
  std::optional<std::uint64_t> source{};
};

class ReportGate {
 public:
  explicit ReportGate(const wire::RootKey& root) : root_(root) {}

  // Takes tokens of the rates and changes nothing else: what is admitted is known of from keep() on.
  Result<AdmittedReport, ReportRefusal> admit(TimePoint now, UnixMillis wall, std::optional<std::uint64_t> source,
                                              ByteView signed_report);
  // The same without a signature, from this machine: the rate and what is known of the node alone. Its key is all
  // zeros, which nobody has. `report` is sound.
  Result<AdmittedReport, ReportRefusal> admit_unsigned(TimePoint now, const wire::StateReport& report);
  // It was taken: its node, and the name of its egress, are this key's. Nothing else was kept since it was admitted.
  void keep(TimePoint now, const AdmittedReport& admitted);
  // For what is not even a batch: whether its source says too much. Takes a token.
  bool is_too_often(TimePoint now, std::optional<std::uint64_t> source) {
    return source && sources_.take(now, *source);
  }
  void on_directory_serial(std::uint64_t serial) { serial_ = std::max(serial_, serial); }

  std::size_t known_nodes() const { return nodes_.size(); }
  std::size_t known_chains() const { return chains_.size(); }

 private:
  struct Known {
    wire::ReporterKey key;
    std::uint64_t sequence = 0;
    bool of_page = false;
    std::optional<std::uint64_t> source;
    std::optional<wire::EgressName> egress;
  };
  Result<ReporterIdentity, ReportRefusal> identify(UnixMillis wall, ByteView chain);
  Result<AdmittedReport, ReportRefusal> judge(TimePoint now, AdmittedReport one);
  void forget(const wire::NodeName& node);
  bool has_room(const AdmittedReport& one) const;

  using ChainMark = std::array<std::byte, 32>;  // a hash of its bytes

  wire::RootKey root_;
  std::uint64_t serial_ = 0;
  std::map<ChainMark, ReporterIdentity> chains_;
  std::deque<ChainMark> chain_order_;
  std::map<wire::NodeName, Known> nodes_;  // names are chosen by peers: ordered maps
  std::map<wire::EgressName, wire::NodeName> speakers_;
  std::map<wire::ReporterKey, std::size_t> nodes_of_key_;
  std::map<std::uint64_t, std::size_t> page_nodes_of_source_;
  std::size_t page_nodes_ = 0;
  DeadlineSet<wire::NodeName> forget_at_;
  RateBuckets sources_{kSourceInterval, kSourceBurst};
  RateBuckets keys_{kKeyInterval, kKeyBurst};
};

}  // namespace footbridge::core
