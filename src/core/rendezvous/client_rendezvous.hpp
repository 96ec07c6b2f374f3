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
#include "core/rendezvous/request_channel.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

struct ClientRendezvousConfig {
  SelfTag self_tag;
  wire::CompartmentId compartment = wire::kCommonCompartment;
  wire::Nat nat{};
  wire::Families families = wire::Families::V4;
  std::uint64_t capabilities = 0;
  std::optional<wire::InviteId> invite{};  // of the network that was joined; for sealed ways only
  Bytes admission{};                       // opaque, at most wire::kMaxAdmissionBytes
};

// What one search asks for.
struct ClientSearch {
  std::vector<wire::Sdp> sdps;            // 1..wire::kMaxOfferSdps, within wire::kMaxSdpBytes and …Together
  std::optional<wire::EgressId> egress;   // where the session lives; nullopt for its first path
  std::uint16_t shard = 0;                // the same for all paths of a session
  std::vector<MatchId> avoid;             // matches whose proxies are in use or known bad; the last kMaxAvoided count
  bool has_path = false;                  // a path of ours carries: others may need one more urgently
  std::vector<wire::Outcome> outcomes{};  // of earlier matches: what failed, and of a tester all; at most wire::kMaxOutcomes
};

class ClientRendezvous {
 public:
  // Of its channel: Quiet until offer() and after matches or cancel(), Open while it asks, BackingOff after a refusal,
  // a failure or a timeout.
  using State = RequestChannel::State;

  using Post = PostRequest;
  using Abandon = AbandonRequest;
  struct Matches {  // the search is over; at least one, each with an SDP index of the search
    std::vector<wire::Match> matches;
  };
  // Nothing yet. None: the transport or the response failed. EgressGone: the search goes on at any egress, and the
  // match names it.
  using Waiting = RendezvousWaits;
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
  // `unproven`: what answered did not prove to be the broker.
  void on_failed(TimePoint now, std::uint64_t id, bool unproven = false);

  std::optional<Output> poll();
  std::optional<TimePoint> deadline() const { return channel_.deadline(); }
  void on_deadline(TimePoint now);
  State state() const { return channel_.state(); }

 private:
  void ask(TimePoint now);
  void abandon();
  void back_off(TimePoint now, wire::Refusal why, Millis at_least, bool silent = false);
  bool usable(const wire::OfferReply& reply) const;

  ClientRendezvousConfig config_;
  Rng& rng_;
  ClientSearch search_;
  RequestChannel channel_;
  std::uint64_t last_id_ = 0;
  WakeGate wakes_;
  std::deque<Output> out_;  // drained after every call, which adds at most three
};

}  // namespace footbridge::core
