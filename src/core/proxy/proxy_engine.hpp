// ProxyEngine: what a volunteer's program decides, shared by the daemon and the browser build. Slots, their states and
// deadlines, what is dialled and when. It moves no bytes (Relay does) and owns no socket: events come in, commands are
// drained through poll() after every call.
//
// Promises: no relay leg is dialled before the link is open, and only to a URL on the allow-list; the leg is closed in
// the same turn as the link's end, and the other way round (with PipeEnd::Leg); each client of a slot has an epoch of
// its own, and events of an older epoch are ignored; every state has a deadline or ends with its pipes; the engine is
// a handful of bytes per slot. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/country.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/pipe.hpp"
#include "core/proxy/relay_allow_list.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// One client's stay in one slot. Two stays never compare equal (until 2^32 clients of one slot).
struct SlotRef {
  std::uint8_t slot = 0;
  std::uint32_t epoch = 0;
  friend bool operator==(const SlotRef&, const SlotRef&) = default;
};

struct ProxyEngineConfig {
  std::vector<std::string> allowed_relays;  // without token and without trailing slash; see RelayAllowList
  bool allow_private_egress = false;        // demo and tests: ws:// and addresses that are not public
  std::optional<RelayAllowList::UdpPorts> relay_udp_ports = std::nullopt;  // of a directory; else a broker says them
  RelayAllowList::TlsPins relay_tls_pins{};
};

class ProxyEngine {
 public:
  static constexpr std::size_t kMaxSlots = 10;  // PRX-B1: people one volunteer helps at once
  static constexpr Seconds kAnswerTimeout{8};   // PRX-T1: the broker waits 10 s; two for the way
  static constexpr Seconds kLinkTimeout{20};    // PRX-T2: ICE and DTLS over two bad networks; then the slot is free
  static constexpr Seconds kDialTimeout{10};    // PRX-T3: TCP, TLS and upgrade, with one retransmission each
  static constexpr Seconds kCloseTimeout{1};    // PRX-T4: pipes that do not confirm their end are given up
  static constexpr Seconds kDrainGrace{60};     // PRX-T5: time for a surplus client's session to move elsewhere
  static constexpr Seconds kTellAgain{3};       // PRX-T6: the note may be lost, and a client takes a second to move

  //            assigned            answer made          link open          leg open
  //   Free ─────────────▶ Answering ──────────▶ Linking ─────────▶ Dialling ─────────▶ Relaying
  //    ▲                     │ 8 s                 │ 20 s              │ 10 s              │ either end closed,
  //    │                     ▼                     ▼                   ▼                   ▼ drained, stopped
  //    └──── link and leg confirmed closed, or 1 s ──────────────── Closing ◀──────────────┘
  enum class State : std::uint8_t { Free, Answering, Linking, Dialling, Relaying, Closing };

  // Commands ----------------------------------------------------------------------------------------------------
  struct MakeAnswer {  // make a link for this offer and its answer; then on_answer_made() or on_answer_failed()
    SlotRef at;
    wire::Sdp offer;
    wire::Families families = wire::Families::V4;
    std::uint64_t client_capabilities = 0;
  };
  struct SendAnswer {  // to ProxyRendezvous::answer()
    MatchId match;
    wire::Sdp sdp;
  };
  struct SendFailure {  // to ProxyRendezvous::fail()
    MatchId match;
    wire::AnswerFailure why = wire::AnswerFailure::Unknown;
  };
  struct Report {  // to ProxyRendezvous::report()
    MatchId match;
    wire::OutcomeKind kind = wire::OutcomeKind::Unknown;
  };
  struct DialLeg {  // dial; then on_leg_open() or on_leg_closed(). Without allow_private, the dialler checks the
    SlotRef at;     // address behind the name (core/egress/address_policy.hpp) before it connects.
    Private<std::string> url;  // with the token
    bool allow_private = false;
    std::uint16_t udp_port = 0;                 // the same host takes legs over UDP there; 0: it does not
    std::optional<wire::SpkiSha256> tls_pin{};  // the key that a wss:// server has to show
  };
  struct StartRelay {  // both ends are open: bytes may flow
    SlotRef at;
  };
  struct TellLeaving {  // say to the client that its slot ends soon (core/path/leaving_note.hpp)
    SlotRef at;
    MatchId match;
  };
  struct CloseLink {  // also ends the making of an answer; confirm with on_link_closed()
    SlotRef at;
    PipeEnd why = PipeEnd::Local;
  };
  struct CloseLeg {  // also ends a dial in progress; confirm with on_leg_closed()
    SlotRef at;
    PipeEnd why = PipeEnd::Local;
  };
  struct FreeSlots {  // to ProxyRendezvous::set_free_slots()
    std::uint32_t count = 0;
    bool serves = false;  // its switch is on: with all slots taken, too
  };
  using Command = std::variant<MakeAnswer, SendAnswer, SendFailure, Report, DialLeg, StartRelay, TellLeaving, CloseLink,
                               CloseLeg, FreeSlots>;

  explicit ProxyEngine(const ProxyEngineConfig& config);

  // 0..kMaxSlots, at any time. Clients beyond the new number are let go politely: those still connecting at once,
  // those that relay are told, and end when they leave, or after `grace`; who has less already keeps that.
  void set_slots(TimePoint now, std::size_t count, Duration grace = kDrainGrace);
  // Another directory: for those who are assigned from now on. Legs that are dialled or open stay.
  void set_relays(RelayAllowList relays) { relays_ = std::move(relays); }
  // The volunteer's switch: everything ends in this turn. set_slots() starts again.
  void stop(TimePoint now);

  void on_assigned(TimePoint now, const wire::Assignment& assignment);
  void on_withdrawn(TimePoint now, const MatchId& match);
  void on_answer_made(TimePoint now, SlotRef at, wire::Sdp answer);
  void on_answer_failed(TimePoint now, SlotRef at, wire::AnswerFailure why);
  void on_link_open(TimePoint now, SlotRef at);
  void on_link_closed(TimePoint now, SlotRef at, PipeEnd why);
  void on_leg_open(TimePoint now, SlotRef at);
  void on_leg_closed(TimePoint now, SlotRef at, PipeEnd why);

  std::optional<Command> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  State state(std::size_t slot) const { return slots_[slot].state; }
  bool draining(std::size_t slot) const { return slots_[slot].drain_at.has_value(); }
  // Of its client, as the broker said; unknown in a free slot.
  Country country(std::size_t slot) const { return slots_[slot].country; }
  // Where its leg goes: a listed relay, and one more segment, which is a token.
  const Private<std::string>& leg_url(std::size_t slot) const { return slots_[slot].leg_url; }
  std::size_t slots() const { return wanted_; }
  std::size_t busy() const;      // slots with a client in any state
  std::size_t relaying() const;  // people helped right now

 private:
  struct Slot {
    State state = State::Free;
    Country country;  // of its client
    std::uint32_t epoch = 0;
    std::uint64_t order = 0;  // of arrival: the newest goes first when there are too many
    MatchId match;
    Private<std::string> leg_url;
    std::uint16_t udp_port = 0;
    std::optional<wire::SpkiSha256> tls_pin{};
    bool has_link = false;  // a link exists or is being made; false once its end is confirmed
    bool has_leg = false;
    std::optional<TimePoint> deadline;  // of the state
    std::optional<TimePoint> drain_at;  // surplus: Relaying ends then
    std::optional<TimePoint> tell_at;   // surplus: its client is told again
  };

  Slot* current(SlotRef at);  // null: an older epoch
  SlotRef ref(const Slot& slot) const;
  void enter(Slot& slot, State state, TimePoint until);
  void close(TimePoint now, Slot& slot, PipeEnd link_why, PipeEnd leg_why);
  void give_up(TimePoint now, Slot& slot, wire::AnswerFailure unanswered, wire::OutcomeKind answered, PipeEnd why);
  void free_if_closed(Slot& slot);
  void on_slot_deadline(TimePoint now, Slot& slot);
  void choose_surplus(TimePoint now, Duration grace);
  void tell_leaving(TimePoint now, Slot& slot);
  void tell_free_slots();

  RelayAllowList relays_;
  std::array<Slot, kMaxSlots> slots_;
  std::size_t wanted_ = 0;
  std::uint32_t told_free_ = 0;  // what ProxyRendezvous believes
  bool told_serves_ = false;     // the same
  std::uint64_t last_order_ = 0;
  Ring<Command> out_;  // drained after every call
};

std::string_view name(ProxyEngine::State state);

}  // namespace footbridge::core
