// The egress's side of one session's UDP flows: which exist, what may leave on them, and when they are over
// (docs/spec/07-udp-flows.md §5, §7). The sockets are somebody else's; this decides.
//
//   (none) ──OPEN──▶ Resolving ──on_opened──▶ Open ──idle, CLOSE, its place is needed──▶ (none)
//                        └──on_refused──▶ (none)
//
// Sans-IO: what is to be done is drained with poll() after every call. Each flow has a socket of its own, connected to
// one address: what arrives from elsewhere never gets here, so nobody can be made to send to a client who was not asked
// by it, and nothing ever leaves with a false sender.
//
// Bounds: kMaxFlows; kMaxWaitingBytes for packets of flows that are not open yet; how many flows a minute, and how many
// that nobody answers, is judged like streams (stream_limits.hpp). Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/ring.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/egress/rate_bucket.hpp"
#include "core/egress/stream_limits.hpp"
#include "core/session/flow_limits.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_flow.hpp"

namespace footbridge::core {

// RFC 4787 REQ-5: a mapping lives two minutes at least. Only what the client sends counts (REQ-6): a destination cannot
// hold a place here by itself.
inline constexpr Duration kFlowIdle = Seconds{120};
// REQ-5 allows less for ports whose protocol is known. DNS: the question is answered, a second one may follow; or it is
// not, and resolvers give up.
inline constexpr Duration kDnsAnsweredIdle = Seconds{5};
inline constexpr Duration kDnsIdle = Seconds{20};
inline constexpr std::uint16_t kDnsPort = 53;
// A page with everything on it asks some fifty names at once. More is a scan, or a resolver that serves many people.
inline constexpr std::uint32_t kDnsBurst = 200;
inline constexpr std::uint32_t kDnsPerSecond = 50;
// Packets that leave on a flow before the first answer: a QUIC or DTLS handshake sends ten with its repetitions.
inline constexpr std::size_t kMaxUnansweredFirst = 64;
// And between two answers: twice what is under way at 50 Mbit/s and 200 ms.
inline constexpr std::size_t kMaxUnanswered = 2048;
// Above those, one packet in this time: whoever comes back is heard.
inline constexpr Duration kUnansweredPace = Seconds{1};
// While a name is resolved: the beginnings of some handshakes.
inline constexpr std::size_t kMaxWaitingBytes = 64U << 10;
// An OPEN that comes again is answered again, but not every one of a burst.
inline constexpr Duration kTellAgain = Millis{200};

// Why a packet did not leave, for metrics.
enum class FlowDrop : std::uint8_t {
  Malformed,   // a message that is none, or that only an egress sends
  Unanswered,  // too many that nobody answered
  DnsRate,     // too many questions in a second
  Waiting,     // too many before the flow was open
};
std::string_view name(FlowDrop drop);

class EgressFlows {
 public:
  explicit EgressFlows(Rng& rng) : grease_(rng) {}

  struct Open {  // resolve, check, connect a socket; then on_opened() or on_refused()
    FlowId flow = 0;
    Private<wire::Destination> to;
  };
  struct Send {
    FlowId flow = 0;
    Bytes payload;
  };
  struct Close {  // also while it is being opened
    FlowId flow = 0;
  };
  struct Tell {  // for Session::send_flow
    FlowId flow = 0;
    Bytes message;
  };
  struct Dropped {
    FlowDrop why = FlowDrop::Malformed;
  };
  using Output = std::variant<Open, Send, Close, Tell, Dropped>;

  // What the client says.
  void on_message(TimePoint now, FlowId flow, ByteView message);
  void on_opened(TimePoint now, FlowId flow, const Endpoint& peer);
  void on_refused(TimePoint now, FlowId flow, wire::FlowStatus why);
  // A packet of the destination.
  void on_packet(TimePoint now, FlowId flow, ByteView payload);

  // Until nullopt.
  std::optional<Output> poll();
  std::optional<TimePoint> deadline() const { return look_at_; }
  void on_deadline(TimePoint now);
  std::size_t size() const { return flows_.size(); }

 private:
  struct Flow {
    bool open = false;
    bool named = false;
    bool confirmed = false;  // the client knows that we have it
    bool answered = false;   // at least once
    Private<Endpoint> peer;
    std::uint16_t port = 0;
    TimePoint last_sent{};
    TimePoint last_heard{};
    TimePoint last_told{};
    std::size_t unanswered = 0;
    std::vector<Bytes> waiting;  // until it is open
  };

  void on_open(TimePoint now, FlowId id, const wire::FlowOpen& open);
  void begin(TimePoint now, FlowId id, const wire::FlowOpen& open);
  void make_room(TimePoint now);
  void pass(TimePoint now, FlowId id, Flow& flow, ByteView payload);
  void send(TimePoint now, FlowId id, Flow& flow, Bytes payload);
  void end(TimePoint now, FlowId id);
  void tell(FlowId id, const wire::FlowMessage& message);
  void drop(FlowDrop why) { output_.push_back(Dropped{why}); }
  static TimePoint idle_at(const Flow& flow);

  FlowGrease grease_;
  StreamLimits limits_;
  RateBucket dns_{kDnsBurst, kDnsPerSecond};
  std::unordered_map<FlowId, Flow> flows_;  // ids are the client's; at most kMaxFlows
  std::size_t waiting_bytes_ = 0;
  Ring<Output> output_;
  std::optional<TimePoint> look_at_;  // nothing becomes idle before
};

}  // namespace footbridge::core
