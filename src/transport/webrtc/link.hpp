// Link: the way between a client and a proxy, seen from the I/O thread as a MessagePipe: a WebRTC data channel or,
// between two native ends that agreed on it, messages as DTLS records without SCTP. Made by Engine::offer() or
// Engine::answer(); the ICE, DTLS and SCTP work happens on the engine's WebRTC thread, and batches of messages travel
// between the two threads.
//
//   Gathering ──local description──▶ Negotiating ──remote description──▶ Connecting ──channel open──▶ Open
//       │                                │                                   │                          │
//       └────────────────────────────────┴──────── any failure ──────────────┴──────── close ───────────┴──▶ Closed
//   (an answerer has the remote description from the start and passes through Negotiating at once)
//
// Threads: every call and every event on the executor given to the engine (an io_context run by one thread).
// Ownership: the user owns the Link and its LinkEvents must outlive it. Destroying a Link is allowed in every state
// and from every turn of the loop except inside one of its own events; afterwards there is silence, and the far side is
// told at once. Destroy Links before their io_context and before their Engine.
// Bounds: a message ≤ kMaxMessageBytes, of a native link ≤ kMaxNativeMessageBytes; unread received bytes ≤
// kMaxUnreadBytes, then SCTP's window closes (the far side's backlog grows, nothing is dropped here); a native link has
// no window, cannot pause reading, and drops. An empty message does not arrive on it. The send queue has no bound: look
// at backlog_bytes() first. Up to kHandoverBytes on their way between the threads are not counted as backlog, or every
// batch would wait for a switch. RFC 8831 (data channels), 8832 (DCEP), 8261 (SCTP over DTLS), 8445 (ICE), 7675
// (consent), 8842 (DTLS in SDP).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "core/pipe.hpp"
#include "core/portmap/mapped_port.hpp"
#include "io/detour.hpp"

namespace footbridge::webrtc {

// The largest message either side may send; what our descriptions announce (a=max-message-size).
inline constexpr std::size_t kMaxMessageBytes = 65'536;
// Received and not yet handed to the user: sixteen of the largest messages, a busy loop's worth; then SCTP waits.
inline constexpr std::size_t kMaxUnreadBytes = 1U << 20;
// A quarter of SCTP's send buffer: enough to keep it filled while the I/O thread waits for its turn of a busy CPU.
inline constexpr std::size_t kHandoverBytes = 262'144;
// What one SCTP chunk carries when UDP payloads stay ≤ 1200 bytes; packets are 1, 4 or 8 of these, filled exactly.
inline constexpr std::size_t kChunkPayloadBytes = 1132;

enum class Reliability : std::uint8_t {
  Unreliable,  // unordered, maxRetransmits 0: what links between our programs use
  Reliable,    // ordered, retransmitted until acknowledged
};

// What carries the messages.
enum class LinkKind : std::uint8_t {
  DataChannel,  // SCTP: what browsers have
  Native,       // a DTLS record each: half the CPU, and no second congestion control; spec 02 §5.1
};
std::string_view name(LinkKind kind);

struct LinkConfig {
  // What the offerer announces in DCEP; an answerer takes the class the offerer announced.
  Reliability reliability = Reliability::Unreliable;
  // How often *we* resend a chunk of an Unreliable channel, whatever was announced. usrsctp frees one hole per round
  // trip after a burst of loss at 0; with 1 the holes are filled (measured: 5.3 instead of 4.1 MB/s at 50 Mbit/s).
  std::uint32_t local_retransmits = 1;
  // How we answer an "actpass" offer: as DTLS client, or (when set) as server. Towards a browser be the server, so
  // that the ClientHello on the wire is the browser's own.
  bool answer_as_dtls_server = false;
  // The best kind that this end may use; an answerer says Native only if the offerer can do it, too. Becomes a data
  // channel all the same where full-size datagrams do not get through. A native link is always unreliable.
  LinkKind best = LinkKind::DataChannel;
  // DCEP label; browsers show it to the page.
  std::string label = "data";
  // The link's own sockets are bound to this port that the router forwards, and its outer end stands in the
  // description, unless a STUN server saw us at another address: then the router is behind a translation itself, or
  // lies. Somebody else has the port: the link does without.
  std::optional<core::MappedPort> mapped = std::nullopt;
  // The detour of this link, made on the WebRTC thread: instead of the engine's. Empty: the engine's, if it has one.
  std::function<std::unique_ptr<io::Detour>()> make_detour = {};
};

enum class LinkState : std::uint8_t { Gathering, Negotiating, Connecting, Open, Closed };
std::string_view name(LinkState state);

enum class CandidateKind : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };
std::string_view name(CandidateKind kind);

// What may be told about a link: never an address, a fingerprint or a credential.
struct LinkInfo {
  struct Pair {
    CandidateKind local = CandidateKind::Host;
    CandidateKind remote = CandidateKind::Host;
    Family family = Family::V4;
  };
  LinkState state = LinkState::Gathering;
  std::optional<Pair> pair;            // once ICE has chosen one
  std::optional<LinkKind> kind;        // once it is decided
  std::optional<Duration> round_trip;  // from the opening on, where something has measured it
  // With the local description, where a STUN server was asked: it told us of an address that is not our own. False: it
  // was silent, or there is no translation.
  std::optional<bool> seen_outside;
  bool detour_lost = false;              // it ended because its detour could not be opened or ended
  std::uint64_t unread_dropped = 0;      // messages that a native link received beyond kMaxUnreadBytes
  std::uint64_t candidates_refused = 0;  // remote candidates that our filter threw away
};

enum class LinkError : std::uint8_t {
  NotExpected = 1,  // an answerer, a second answer, or the link is closed: a bug or a replay; ignore the description
  BadDescription,   // unreadable or over a bound; the link has closed itself with PipeEnd::Misused
};

class LinkEvents : public PipeEvents {
 public:
  // Once, before on_open: the offer or answer to carry to the other side (all candidates inside, no trickle).
  virtual void on_local_description(TimePoint now, Private<std::string> sdp) = 0;
};

class Link : public MessagePipe {
 public:
  // Gives the offerer the other side's answer, and the best kind of link that the other side can do. A description that
  // parses but never connects ends with on_closed(PipeEnd::Setup) after the deadlines of docs/spec/02-link.md §7.
  [[nodiscard]] virtual Status<LinkError> accept_answer(Private<std::string> sdp, LinkKind other_best) = 0;
  virtual LinkInfo info() const = 0;
};

}  // namespace footbridge::webrtc
