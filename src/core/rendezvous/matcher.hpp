// Matcher: pairs the SDPs of waiting offers with free slots of waiting proxies. It decides and remembers; it neither
// parses nor answers, mints no ids and reads no clock.
//
// Rules: both name one compartment; they share an address family; pairs of NATs known to fail are made only when the
// offer has waited kNatPatience for something better; an installation never meets its own proxy (self tag); the SDPs
// of one offer go to different proxies, none of which it asked to avoid; a slot is sold once. Among fitting proxies the
// scarce ones (open NATs) are kept for clients that need them, then the longest waiting comes first. Offers are served
// in order of arrival, those of clients without a path before all others: who has one, or a proxy already for one SDP
// of his offer, waits for his next behind everybody who has none. When none of them answers he has his old place again.
//
// Bounds: kMaxProxies (then the oldest is dropped), kMaxOffers (then the new one is refused). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/nat_pairs.hpp"
#include "core/rendezvous/waiting_index.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// Names one parked request; chosen by the I/O shell, unique while the request lives.
using RequestKey = std::uint64_t;

struct WaitingProxy {
  ProxyId id;
  SelfTag self_tag;
  wire::Nat nat;
  wire::Families families = wire::Families::V4;
  std::vector<wire::CompartmentId> compartments;
  std::uint32_t slots = 0;  // at least 1
  TimePoint until{};
};

struct WaitingOffer {
  SelfTag self_tag;
  wire::CompartmentId compartment;
  wire::Nat nat;
  wire::Families families = wire::Families::V4;
  unsigned sdps = 1;           // at most wire::kMaxOfferSdps
  std::vector<ProxyId> avoid;  // at most wire::kMaxAvoided
  TimePoint until{};
  bool has_path = false;  // as it says itself
};

struct Paired {
  RequestKey proxy = 0;
  RequestKey offer = 0;
  unsigned sdp_index = 0;
};
// The proxy waits no more: None at its deadline, Superseded by its own newer poll, Busy when dropped as the oldest.
struct ProxyEnded {
  RequestKey proxy = 0;
  wire::Refusal why = wire::Refusal::None;
};
// No more pairs for this offer: NoProxy, or SelfOnly when only its own installation's proxies would have fitted.
struct OfferEnded {
  RequestKey offer = 0;
  wire::Refusal why = wire::Refusal::NoProxy;
};
using MatcherEvent = std::variant<Paired, ProxyEnded, OfferEnded>;

class Matcher {
 public:
  static constexpr std::size_t kMaxProxies = 65'536;  // MAT-B1: about 40 MiB of entries
  static constexpr std::size_t kMaxOffers = 8'192;    // MAT-B2: with their SDPs held to kMaxHeldBytes by the broker
  static constexpr std::size_t kMaxTries = 12;  // MAT-B3: three for each SDP; a client beyond that has other problems
  // MAT-T1: a pair of bad NATs usually costs the client a whole attempt; a better proxy often polls within seconds.
  static constexpr Seconds kNatPatience{5};
  // MAT-T2: no pair is made that leaves the proxy less time for its answer: gathering takes a second or two.
  static constexpr Seconds kMinTimeToAnswer{2};

  void add_proxy(RequestKey key, WaitingProxy proxy);
  void remove_proxy(RequestKey key);  // unknown keys are ignored, here and below
  // False: full; nothing was added.
  [[nodiscard]] bool add_offer(TimePoint now, RequestKey key, WaitingOffer offer);
  void remove_offer(RequestKey key);
  // The pair did not work out: this SDP wants another proxy, never the same again. False: the offer has ended, or has
  // had kMaxTries proxies.
  bool reopen(RequestKey offer, unsigned sdp_index);

  std::optional<MatcherEvent> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  std::size_t proxies() const { return proxies_.size(); }
  std::size_t offers() const { return offers_.size(); }

 private:
  struct Proxy {
    WaitingProxy wanted;
    Place place;
    std::uint32_t free_slots = 0;
  };
  struct Offer {
    WaitingOffer wanted;
    Place place;
    std::uint64_t arrival = 0;      // its first place.sequence
    std::vector<unsigned> open;     // SDPs without a proxy
    std::vector<ProxyId> excluded;  // avoided, tried or in use: at most kMaxAvoided + kMaxTries
    std::size_t tries = 0;
    bool met_itself = false;
    bool any_nat = false;
  };

  void seek_proxies(RequestKey key);
  void seek_offers(RequestKey key);
  void pair(RequestKey proxy_key, RequestKey offer_key);
  bool acceptable(const Proxy& proxy, Offer& offer) const;
  std::optional<RequestKey> best_proxy(Offer& offer);
  std::optional<RequestKey> oldest_offer(const Proxy& proxy);
  void end_proxy(RequestKey key, wire::Refusal why);
  void drop_oldest_proxy();

  std::unordered_map<RequestKey, Proxy> proxies_;
  std::unordered_map<RequestKey, Offer> offers_;
  std::map<ProxyId, RequestKey> by_id_;  // ids are chosen by peers: an ordered map
  WaitingIndex proxy_index_;
  WaitingIndex offer_index_;
  DeadlineSet<RequestKey> proxy_deadlines_;
  DeadlineSet<RequestKey> offer_deadlines_;
  DeadlineSet<RequestKey> patience_;
  std::uint64_t next_sequence_ = 1;
  std::deque<MatcherEvent> events_;  // drained by the caller after every call; one call adds a bounded number
};

}  // namespace footbridge::core
