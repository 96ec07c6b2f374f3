// The messages of a rendezvous, as values. proto/rendezvous.proto is the format, docs/spec/01-rendezvous.md its
// meaning. parse_* checks every bound before it copies; what it returns keeps all of them. encode_* asserts them,
// because a message of our own that breaks a bound is our bug. Unknown fields are skipped; unknown enumerators read as
// Unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/country.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::wire {

inline constexpr std::uint32_t kRendezvousVersion = 1;

// RDV-B1 to RDV-B16, spec 01 §6. A message's own bound holds together with the bound of the whole request.
inline constexpr std::size_t kMaxRendezvousBytes = 64 * 1024;  // request or response
inline constexpr std::size_t kMaxSdpBytes = 16 * 1024;         // an SDP with eight candidates is below 3 KiB
// All SDPs of one message together: what remains of kMaxRendezvousBytes is for the other fields.
inline constexpr std::size_t kMaxSdpBytesTogether = 60 * 1024;
inline constexpr std::size_t kMaxOfferSdps = 4;     // paths a client asks for at once
inline constexpr std::size_t kMaxCompartments = 8;  // per poll
inline constexpr std::size_t kMaxPollSlots = 64;    // free slots one poll may announce
inline constexpr std::size_t kMaxAnswers = 3;       // per poll: three SDPs fit into one request
inline constexpr std::size_t kMaxOutcomes = 64;     // per poll, and per offer of a tester
inline constexpr std::size_t kMaxAssignments = 3;   // per reply: three SDPs fit into one response
inline constexpr std::size_t kMaxWithdrawn = 64;    // per reply
inline constexpr std::size_t kMaxAvoided = 16;      // per offer
inline constexpr std::size_t kMaxAdmissionBytes = 512;
inline constexpr std::size_t kMaxRelayUrlBytes = 512;
inline constexpr std::size_t kLegTokenBytes = 72;     // spec 05: opaque here
inline constexpr std::size_t kTicketBytes = 160;      // spec 12: opaque here
inline constexpr std::size_t kMaxEgressNames = 2;     // of a heartbeat: by its key, and by its relay URL
inline constexpr std::uint32_t kMaxWaitMs = 120'000;  // longer holds are cut by every front
inline constexpr std::uint32_t kMaxRetryAfterMs = 3'600'000;

// What an end says that it can do: a bit set in polls and offers, passed on to the other end of each match. RDV-C1 up;
// unknown bits are ignored.
inline constexpr std::uint64_t kNativeLinkCapability = 1;  // a link without SCTP, spec 02 §5.1

// Names who meets whom: a hash of a personal compartment's public key, or all zero for everybody.
using CompartmentId = Id<struct CompartmentTag, 16>;
inline constexpr CompartmentId kCommonCompartment{};
using EgressId = Id<struct EgressTag, 16>;

// Of an invite to a network: whoever says it has it. As private as a name; only sealed requests carry it.
using InviteId = Id<struct InviteIdTag, 16>;
// Lets who has one invite announce into a compartment: the compartment's public key, and that key's signature.
using Announcing = Id<struct AnnouncingTag, 32 + 64>;

using Sdp = Private<std::string>;

// RFC 4787 §4.1 and §5.
enum class NatBehaviour : std::uint8_t { Unknown, EndpointIndependent, AddressDependent, AddressAndPortDependent };
struct Nat {
  NatBehaviour mapping = NatBehaviour::Unknown;
  NatBehaviour filtering = NatBehaviour::Unknown;
  friend bool operator==(const Nat&, const Nat&) = default;
};

// A bit set of address families; never empty in a parsed message.
enum class Families : std::uint8_t { None = 0, V4 = 1, V6 = 2, Both = 3 };
constexpr Families operator&(Families a, Families b) {
  return static_cast<Families>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

enum class ProxyForm : std::uint8_t { Unknown, Widget, Extension, Daemon };

// Why a request got nothing; the comment says what the asker does.
enum class Refusal : std::uint8_t {
  None,
  NoProxy,        // ask again after retry_after
  Busy,           // ask again after retry_after, or elsewhere
  Draining,       // ask elsewhere, or here after retry_after
  Malformed,      // our bug or theirs: back off as after a failure
  Version,        // upgrade; back off as after a failure
  Rate,           // ask again after retry_after
  SelfOnly,       // tell the user: only his own proxy is there
  EgressGone,     // ask again without an egress
  Superseded,     // nothing: the newer poll stands
  Overloaded,     // ask elsewhere, or here after retry_after: this broker takes only the scarcer side
  NoAnswer,       // ask again after retry_after: proxies were there, and none of them answered
  InviteNeeded,   // tell the user: an invite, or a newer one; ask again after retry_after, here and below
  InviteOver,     // tell the user: it was used too late
  InviteRevoked,  // tell the user: it was taken back
  InviteUsedUp,   // tell the user: others used it already
  Unreachable,    // tell the volunteer: the tester gets no link to it; poll again after retry_after, here and below
  LeadsNowhere,   // tell the volunteer: links to it open, and no egress is behind them
  RiskyPlace,     // warn the volunteer: helping may be dangerous where he is; ask again once he has decided to
  Unknown,        // a newer broker's reason: back off as after a failure
};
std::string_view name(Refusal refusal);

enum class AnswerFailure : std::uint8_t { Unknown, Busy, BadOffer, Gathering, RelayRefused, Stopped };
enum class OutcomeKind : std::uint8_t { Unknown, Opened, LinkTimeout, LinkFailed, DialFailed, Stopped };
std::string_view name(AnswerFailure failure);
std::string_view name(OutcomeKind outcome);

struct Answer {
  MatchId match;
  std::variant<Sdp, AnswerFailure> result;
};

struct Outcome {
  MatchId match;
  OutcomeKind kind = OutcomeKind::Unknown;
};

struct Poll {
  ProxyId proxy;
  SelfTag self_tag;
  std::uint64_t capabilities = 0;
  Nat nat;
  Families families = Families::V4;
  std::vector<CompartmentId> compartments;  // 1..kMaxCompartments
  std::uint32_t slots = 0;                  // 0..kMaxPollSlots
  std::vector<Answer> answers;
  std::vector<Outcome> outcomes;
  Millis wait{};
  ProxyForm form = ProxyForm::Unknown;
  bool port_mapped = false;  // its router forwards a port for each free slot: anybody's packets arrive
  std::optional<InviteId> invite{};
  std::vector<Announcing> announcing{};  // at most kMaxCompartments
  bool was_warned = false;               // of Refusal::RiskyPlace, and helps all the same
};

struct Assignment {
  MatchId match;
  Sdp sdp;
  Private<std::string> relay_url;  // without the token
  Private<Bytes> leg_token;        // kLegTokenBytes
  Nat client_nat;
  Families families = Families::V4;
  Millis answer_within{};
  std::uint64_t client_capabilities = 0;
  std::uint16_t relay_udp_port = 0;  // of relay_url's host, for legs over UDP (spec 08); 0: none
  Country client_country;            // as the broker saw it: for the volunteer's own screen, and nothing else
};

struct PollReply {
  std::vector<Assignment> assignments;
  std::vector<MatchId> withdrawn;
};

struct Offer {
  SelfTag self_tag;
  CompartmentId compartment;
  Nat nat;
  Families families = Families::V4;
  std::vector<Sdp> sdps;  // 1..kMaxOfferSdps
  Private<Bytes> admission;
  Millis wait{};
  std::uint64_t capabilities = 0;
  std::optional<EgressId> egress;
  std::uint16_t shard = 0;
  std::vector<MatchId> avoid;
  bool has_path = false;            // one carries already
  std::vector<Outcome> outcomes{};  // of its earlier matches: what failed, and a tester's
  std::optional<InviteId> invite{};
};

struct Match {
  std::uint32_t sdp_index = 0;
  MatchId match;
  Sdp sdp;
  EgressId egress;
  Nat proxy_nat;
  Private<Bytes> ticket;  // kTicketBytes
  std::uint64_t proxy_capabilities = 0;
};

struct OfferReply {
  std::vector<Match> matches;
};

// Who it is from stands outside, so that the broker finds the key; what it says is sealed (spec 12).
struct Heartbeat {
  std::vector<EgressId> names;  // 1..kMaxEgressNames; the first that the broker knows counts
  Bytes sealed;                 // an EgressReport, 1..kMaxHeartbeatBytes
};

struct HeartbeatReply {
  Bytes sealed;  // a ReportAnswer, 1..kMaxHeartbeatBytes
};

struct Request {
  std::uint32_t version = kRendezvousVersion;
  std::variant<Poll, Offer, Heartbeat> body;
};

struct Response {
  std::uint32_t version = kRendezvousVersion;
  Refusal refusal = Refusal::None;
  Millis retry_after{};
  std::variant<std::monostate, PollReply, OfferReply, HeartbeatReply> body{};
};

enum class RendezvousErrc : std::uint8_t {
  TooLarge,   // above kMaxRendezvousBytes: refuse, do not look inside
  Malformed,  // not protobuf, or a bound is broken: refuse as Malformed
  Version,    // another version, whatever else it says: refuse as Version
};

Result<Request, RendezvousErrc> parse_request(ByteView in);
Result<Response, RendezvousErrc> parse_response(ByteView in);
// For who only polls: replies to other requests are unknown fields, and a browser's core is without their code.
Result<Response, RendezvousErrc> parse_poll_response(ByteView in);

// `grease` draws the number and the bytes of one unknown field.
Bytes encode_request(const Request& request, Rng& grease);
Bytes encode_request(const Poll& poll, Rng& grease);  // the same, for who only polls
Bytes encode_response(const Response& response, Rng& grease);
// The bare encodings, byte for byte what protoc writes.
Bytes encode_request(const Request& request);
Bytes encode_response(const Response& response);

}  // namespace footbridge::wire
