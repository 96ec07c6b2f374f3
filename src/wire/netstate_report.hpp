// What a program tells netstate of itself, as values. proto/netstate.proto is the format, docs/spec/18-netstate.md its
// meaning. parse_* checks every bound before it copies; encode_* asserts them. Unknown fields are skipped; an unknown
// role or state is refused, for nothing could be drawn of it. What is signed stays the bytes that came. Nothing here
// checks a signature or a time: core/netstate does. No value can hold an address: counts, enumerators, random bytes,
// and a tag of letters, digits and hyphens. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "wire/network.hpp"

namespace footbridge::wire {

// NTS-B1 to NTS-B12, spec 18 §6.
inline constexpr std::size_t kMaxStateReportBytes = 1'024;        // sixteen legs and every other field are 480
inline constexpr std::size_t kMaxReporterCertificateBytes = 128;  // ours have 44
inline constexpr std::size_t kMaxReporterChainBytes = 640;        // three times ours
inline constexpr std::size_t kMaxSignedReportBytes = 2'048;
inline constexpr std::size_t kMaxReportBatchBytes = 64 * 1'024;
inline constexpr std::size_t kMaxBatchReports = 64;
inline constexpr std::size_t kMaxReportLegs = 16;  // more egresses than a volunteer meets at once
inline constexpr std::size_t kMaxTagChars = 16;    // a word for people; too short and too plain for an address
inline constexpr std::size_t kMaxTagNumbers = 3;   // the fourth would make 192-0-2-1 a tag
inline constexpr std::size_t kMaxTagHexRun = 7;    // NTS-B28; the eighth would make c0000201 one, or 3221225985
inline constexpr std::uint32_t kMaxReportedCount = 1'000'000;  // people on a leg, sessions: sums stay far below 64 bits
inline constexpr std::uint64_t kMaxReportedKib = 1ULL << 50;
// Bytes are told in steps of so many KiB: no single page that somebody reads shows.
inline constexpr std::uint64_t kReportedKibStep = 64;

using NodeName = Id<struct NodeNameTag, 16>;      // one run of a program; drawn when it starts, never shown to viewers
using EgressName = Id<struct EgressNameTag, 16>;  // core/netstate/egress_name.hpp
using ReporterKey = Id<struct ReporterKeyTag, 32>;  // Ed25519

enum class NodeRole : std::uint8_t { Volunteer = 1, Page, Extension, Broker, Egress };
inline constexpr std::size_t kNodeRoles = 5;
std::string_view name(NodeRole role);
std::optional<NodeRole> role_named(std::string_view text);
// Who carries people: the others only have them passed through.
constexpr bool carries(NodeRole role) { return role <= NodeRole::Extension; }
// Of these the reporter's file stands in a page that everybody may read.
constexpr bool is_public(NodeRole role) { return role == NodeRole::Page || role == NodeRole::Extension; }

enum class NodeState : std::uint8_t { Ready = 1, Helping, Paused, Draining, Gone };
std::string_view name(NodeState state);

struct ReportedLeg {
  EgressName egress;
  std::uint32_t people = 0;  // up to kMaxReportedCount
  friend bool operator==(const ReportedLeg&, const ReportedLeg&) = default;
};

struct StateReport {
  NodeName node;
  NodeRole role = NodeRole::Volunteer;
  std::uint64_t sequence = 0;  // from 1
  NodeState state = NodeState::Ready;
  std::vector<ReportedLeg> legs{};  // up to kMaxReportLegs
  std::uint32_t sessions = 0;       // up to kMaxReportedCount
  std::uint64_t up_kib = 0;         // multiples of kReportedKibStep, up to kMaxReportedKib
  std::uint64_t down_kib = 0;
  std::string tag{};                   // empty, or is_tag()
  std::optional<EgressName> egress{};  // an egress has one, and nobody else
  friend bool operator==(const StateReport&, const StateReport&) = default;
};

struct SignedStateReport {
  Bytes report;
  UnixMillis time{};
  NetworkSignature signature;
  Bytes chain;
};

struct ReporterCertificate {
  ReporterKey key;
  NodeRole role = NodeRole::Volunteer;
  UnixSeconds until{};
};

struct ReporterChain {
  SignedCertificate directory_key;
  Bytes certificate;
  NetworkSignature signature;
};

// nullopt: not protobuf, or a bound is broken.
std::optional<StateReport> parse_state_report(ByteView in);
std::optional<SignedStateReport> parse_signed_report(ByteView in);
std::optional<ReporterCertificate> parse_reporter_certificate(ByteView in);
std::optional<ReporterChain> parse_reporter_chain(ByteView in);
// Views into `in`, one for each signed report, none of them looked at yet. At least one.
std::optional<std::vector<ByteView>> parse_report_batch(ByteView in);

// Whether it keeps every bound: what parse_state_report() gives does, and encode_state_report() takes nothing else.
bool is_sound(const StateReport& report);
Bytes encode_state_report(const StateReport& report);
Bytes encode_signed_report(const SignedStateReport& report);
Bytes encode_reporter_certificate(const ReporterCertificate& certificate);
Bytes encode_reporter_chain(const ReporterChain& chain);
Bytes encode_report_batch(const std::vector<Bytes>& reports);

// 1 to kMaxTagChars of a-z, 0-9 and -, with kMaxTagNumbers runs of digits at most, and none of more than kMaxTagHexRun
// hex digits: neither dots nor colons, no address with hyphens instead, and none as one number.
bool is_tag(std::string_view text);
// KiB as reports say them: whole steps, rounded down.
constexpr std::uint64_t in_steps(std::uint64_t kib) {
  return kib < kMaxReportedKib ? kib - kib % kReportedKibStep : kMaxReportedKib;
}

}  // namespace footbridge::wire
