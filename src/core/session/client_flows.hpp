// The client's side of UDP flows: which flow an application's packet belongs to, and what the egress has said about it
// (docs/spec/07-udp-flows.md §5, §7). A flow is what one association exchanges with one destination.
//
//   Opening ──egress is heard──▶ Open ──STATUS over──▶ Opening        every packet of Opening is an OPEN: the egress
//      ▲  └──STATUS: no──▶ Refused ◀── STATUS: no ──┘                 may have seen none of those before
//      └───── FLW-T1 ─────────┘
//
// A flow to a name stays Opening until an answer says which address it goes to: the application wants to know it.
// Sans-IO: messages are drained with poll() after every call. Bounds: kMaxFlows in all, kMaxAssociationFlows for each;
// one more takes the place of the one that was used least lately. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/ring.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/session/flow_limits.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_flow.hpp"

namespace footbridge::core {

// A browser's QUIC connections and a resolver; the rest of the session's are for other programs.
inline constexpr std::size_t kMaxAssociationFlows = 128;
// After a refusal nothing is sent there for so long: a name may exist by then, a limit have passed.
inline constexpr Duration kFlowRefusedFor = Seconds{10};
// The egress forgets a silent flow after at most 120 s; then there is nothing left to keep.
inline constexpr Duration kClientFlowIdle = Seconds{150};

enum class AssociationId : std::uint64_t {};

// What became of an application's packet.
enum class FlowVerdict : std::uint8_t {
  Sent,       // as far as UDP is ever sent
  TooLarge,   // above wire::kMaxFlowPayloadBytes
  Refused,    // the egress does not take this flow at present
  NoNumbers,  // the session has used all its flow numbers; it has to be replaced
};
std::string_view name(FlowVerdict verdict);

class ClientFlows {
 public:
  explicit ClientFlows(Rng& rng) : grease_(rng) {}

  FlowVerdict send(TimePoint now, AssociationId association, const wire::Destination& to, ByteView payload);
  // The association is over, and its flows with it.
  void forget(AssociationId association);

  struct Packet {  // for the application
    AssociationId association{};
    Private<wire::Destination> from;
    ByteView payload;
  };
  struct Refusal {
    AssociationId association{};
    wire::FlowStatus why = wire::FlowStatus::Internal;
  };
  using Event = std::variant<std::monostate, Packet, Refusal>;
  // What the egress says. Anything that means nothing here is dropped. The payload is a view into `message`.
  Event on_message(TimePoint now, FlowId flow, ByteView message);

  // For Session::send_flow; until nullopt.
  std::optional<FlowArrival> poll();
  std::optional<TimePoint> deadline() const { return look_at_; }
  void on_deadline(TimePoint now);
  std::size_t size() const { return flows_.size(); }

 private:
  enum class State : std::uint8_t { Opening, Open, Refused };
  struct Key {
    AssociationId association{};
    Private<std::string> to;  // the destination as OPEN writes it
    friend bool operator<(const Key& a, const Key& b) {
      if (a.association != b.association) return a.association < b.association;
      return a.to.reveal_to_socket() < b.to.reveal_to_socket();
    }
  };
  struct Flow {
    Key key;
    State state = State::Opening;
    Private<wire::Destination> to;
    bool named = false;
    std::optional<Private<Endpoint>> address;  // of a named one, once an answer told
    TimePoint last_used{};
    TimePoint refused_until{};
  };

  Flow& flow_to(TimePoint now, const Key& key, const wire::Destination& to);
  void make_room(AssociationId association);
  void close(FlowId id);
  void erase(FlowId id);
  void say(FlowId id, const wire::FlowMessage& message);
  Event on_status(TimePoint now, Flow& flow, wire::FlowStatus status);
  Event packet_of(const Flow& flow, ByteView payload) const;

  FlowGrease grease_;
  FlowId next_id_ = 1;
  std::map<Key, FlowId> ids_;  // keys are our own applications'
  std::unordered_map<FlowId, Flow> flows_;
  Ring<FlowArrival> output_;
  std::optional<TimePoint> look_at_;  // nothing becomes idle before
};

}  // namespace footbridge::core
