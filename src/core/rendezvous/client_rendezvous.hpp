// ClientRendezvous: one client's search for proxies, without its sockets. Give it SDPs with offer(); it posts them,
// waits, backs off, posts again, until there is a match or cancel() is called.
//
// The shell drains poll() after every call, sends Post bodies by any front, and reports on_response() or on_failed()
// under the same id; results for ids that are no longer current are ignored. One request at a time. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/backoff.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

struct ClientRendezvousConfig {
  SelfTag self_tag;
  wire::CompartmentId compartment = wire::kCommonCompartment;
  wire::Nat nat{};
  wire::Families families = wire::Families::V4;
  std::uint64_t capabilities = 0;
  Bytes admission{};  // opaque, at most wire::kMaxAdmissionBytes
};

// What one search asks for.
struct ClientSearch {
  std::vector<wire::Sdp> sdps;           // 1..wire::kMaxOfferSdps, within wire::kMaxSdpBytes and …Together
  std::optional<wire::EgressId> egress;  // where the session lives; nullopt for its first path
  std::uint16_t shard = 0;               // the same for all paths of a session
  std::vector<MatchId> avoid;            // matches whose proxies are in use or known bad; the last kMaxAvoided count
};

class ClientRendezvous {
 public:
  // CRV-T1: what the broker may hold an offer; below the 30 s at which some fronts cut a silent request.
  static constexpr Seconds kHold{25};
  // CRV-T2: after this long without a response the request is given up; a front and a slow handshake fit in.
  static constexpr Seconds kResponseTimeout{kHold + Seconds{10}};
  // CRV-T3: a network that flaps must not turn wake() into a flood.
  static constexpr Seconds kMinWakeGap{1};

  //            offer                      matches
  //   Idle ───────────▶ Asking ───────────────────────────▶ Idle
  //    ▲                │    ▲
  //    │ cancel (any)   │    │ back-off over, wake
  //    │      refusal,  ▼    │
  //    └────────────── BackingOff
  //            failure, timeout
  enum class State : std::uint8_t { Idle, Asking, BackingOff };

  struct Post {  // send this body; report under this id
    std::uint64_t id = 0;
    Bytes body;
  };
  struct Abandon {  // the request `id` is of no use any more: close it, report nothing
    std::uint64_t id = 0;
  };
  struct Matches {  // the search is over; at least one, each with an SDP index of the search
    std::vector<wire::Match> matches;
  };
  // Nothing yet; asking again at `retry_at`. None: the transport or the response failed. EgressGone: the search goes on
  // at any egress, and the match names it.
  struct Waiting {
    wire::Refusal why = wire::Refusal::None;
    TimePoint retry_at{};
  };
  using Output = std::variant<Post, Abandon, Matches, Waiting>;

  ClientRendezvous(ClientRendezvousConfig config, Rng& rng) : config_(std::move(config)), rng_(rng) {}

  // Starts a search; a running one is replaced.
  void offer(TimePoint now, ClientSearch search);
  void cancel(TimePoint now);
  // The network changed or the machine woke up: forget back-off and dead connections, ask now.
  void wake(TimePoint now);
  void set_nat(wire::Nat nat) { config_.nat = nat; }  // from the next request on
  void set_families(wire::Families families) { config_.families = families; }

  void on_response(TimePoint now, std::uint64_t id, ByteView body);
  void on_failed(TimePoint now, std::uint64_t id);

  std::optional<Output> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  State state() const { return state_; }

 private:
  void ask(TimePoint now);
  void abandon();
  void back_off(TimePoint now, wire::Refusal why, Millis at_least);
  bool usable(const wire::OfferReply& reply) const;

  ClientRendezvousConfig config_;
  Rng& rng_;
  ClientSearch search_;
  State state_ = State::Idle;
  Backoff backoff_;
  std::uint64_t request_ = 0;  // the current one's id while Asking
  std::uint64_t last_id_ = 0;
  std::optional<TimePoint> deadline_;
  std::optional<TimePoint> last_wake_;
  std::deque<Output> out_;  // drained after every call, which adds at most three
};

}  // namespace footbridge::core
