// NatDiscovery: behaviour discovery of RFC 5780: which mapping and which filtering (RFC 4787) stand between this
// machine and the internet. Specification, with the reasons for the order of the tests: docs/spec/13-nat-discovery.md.
//
//   Idle ──start()──▶ Probing ──a server with a second address, Full──▶ Filtering ──▶ Mapping ──▶ Done
//                        ├──── the same, MappingOnly ─────────────────────────────────▲           ▲
//                        └──── no such server, or nobody answers ─────────────────────────────────┘
//
// A server has addresses A1, A2 and ports P1, P2. Probing asks the first servers who we are, and as long as nobody
// answers others besides: of a list that is mostly blocked one is found within a second (poll_server()). Filtering lets
// the chosen one answer from A2:P2 and A1:P2, where we have sent nothing. Mapping asks who we are to A1:P1, A2:P1,
// A2:P2 and A1:P2; it shows that those places live, too, without which their silence before would mean nothing. Each
// begins on a fresh port.
//
// Bounds: NAT-B5 servers, NAT-B2 datagrams of at most 28 bytes, NAT-T4 in all. What comes in is a peer's: whatever it
// is, the end comes in time, and the worst is a wrong report. Ownership: `rng` outlives it. Thread: one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/nat/nat_report.hpp"
#include "core/nat/stun_question.hpp"
#include "wire/ice_candidate_filter.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxNatServers = 4;      // NAT-B1: asked at once: two must differ, others stand in
inline constexpr std::size_t kMaxNatAsked = 12;       // NAT-B5: in all, where those before are silent
inline constexpr std::size_t kMaxNatDatagrams = 240;  // NAT-B2: every try of every question, all of them lost
inline constexpr Millis kNatNextServers{250};         // NAT-T10: silence of all who were asked, before the next are
inline constexpr Millis kNatProbeGrace{500};          // NAT-T3: for other servers, once one will do
inline constexpr Seconds kNatDiscoveryLimit{10};      // NAT-T4: more than all tries of three rounds

// How far to go.
enum class NatTests : std::uint8_t {
  MappingOnly,  // plain questions that every WebRTC program asks; filtering stays unknown
  Full,         // filtering, too: questions with CHANGE-REQUEST, which few programs ask
};

struct NatDiscoveryTerms {
  std::vector<Endpoint> servers;  // of one family; the first NAT-B5 of them
  std::vector<IpAddress> own;     // this machine's addresses
  NatTests tests = NatTests::Full;
  wire::CandidatePolicy may_name{};  // whom a server may name as its other address
};

class NatDiscovery {
 public:
  enum class State : std::uint8_t { Idle, Probing, Filtering, Mapping, Done };
  struct Send {
    NatSocket socket = 0;
    Private<Endpoint> to;
    Bytes datagram;
  };
  static constexpr std::size_t kSockets = 3;  // one for each round
  // A server that answers, or is silent while others are asked; each time that is news.
  struct ServerNews {
    Endpoint server;
    bool answers = false;
    friend bool operator==(const ServerNews&, const ServerNews&) = default;
  };

  NatDiscovery(NatDiscoveryTerms terms, Rng& rng) : terms_(std::move(terms)), rng_(rng) {}

  void start(TimePoint now);
  void on_datagram(TimePoint now, NatSocket socket, const Endpoint& from, ByteView datagram);
  void on_deadline(TimePoint now);
  // Somebody knows already: what is running ends, and this is the report.
  void settle_with(const NatReport& known);

  // What to send now, until nullopt.
  std::optional<Send> poll(TimePoint now);
  std::optional<TimePoint> deadline() const;
  std::optional<ServerNews> poll_server();
  State state() const { return state_; }
  bool done() const { return state_ == State::Done; }

  // Complete once done().
  const NatReport& report() const { return report_; }
  // Our address as a server saw it; from the end of Probing on. nullopt: none did.
  std::optional<Private<IpAddress>> outside() const;

 private:
  void enter(TimePoint now, State next);
  void ask_more(TimePoint now);
  void tell(const Endpoint& server, bool answers);
  void tell_silent();
  void ask(TimePoint now, NatSocket socket, const Endpoint& to, wire::StunChange change, const Endpoint& answerer);
  bool round_over(TimePoint now) const;
  void move_on(TimePoint now);
  void choose_server();
  bool enough_probed() const;
  void conclude();

  // A server that has a second address: A1:P1 and A2:P2.
  struct Server {
    Endpoint first;
    Endpoint second;
    Endpoint first_address_second_port() const { return {first.address, second.port}; }
    Endpoint second_address_first_port() const { return {second.address, first.port}; }
  };
  std::optional<Server> second_place(const StunQuestion& question) const;

  NatDiscoveryTerms terms_;
  Rng& rng_;
  State state_ = State::Idle;
  std::vector<StunQuestion> questions_;
  std::size_t asked_ = 0;                  // of the servers
  std::optional<TimePoint> next_servers_;  // then others are asked, if nobody has answered
  std::vector<ServerNews> told_;           // the last news of each: at most NAT-B5
  std::deque<ServerNews> news_;            // at most one for each answer and each silence
  std::size_t sent_ = 0;
  std::optional<Server> server_;
  TimePoint end_{};
  std::optional<TimePoint> probe_until_;
  NatReport report_;
};

}  // namespace footbridge::core
