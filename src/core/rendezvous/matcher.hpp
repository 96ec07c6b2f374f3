// Matcher: pairs the SDPs of waiting offers with free slots of waiting proxies. It decides and remembers; it neither
// parses nor answers, mints no ids and reads no clock.
//
// Who may meet: both name one compartment and share an address family; a client whose offer has a point sees only its
// slice of the common compartment (live_ring.hpp); pairs of NATs known to fail are made only when the offer has waited
// kNatPatience for something better, and so are native proxies for a client of a country that looks at DTLS while one
// that speaks as browsers do is in its slice; an installation never meets its own proxy (self tag); the SDPs of one
// offer go to different proxies, none of which it asked to avoid; a slot is sold once; no network of proxies gets more
// than its share of an hour's matches (match_shares.hpp). A proxy that is for testers alone is in nobody's slice; a
// tester meets only proxies that are for testers (audience.hpp), no pair known to fail, and counts nowhere. Where
// MatchShares::kMinPrefixes networks lend, a client that has a path gets no proxy that mostly fails: he waits.
//
// Who is preferred, first to last: pairs not known to fail; for clients of a country that looks at DTLS a proxy that
// speaks as browsers do; the better standing, of those who carry networks that have not had far more than others, but
// the untried ones, a part of all matches, for a client that has somebody already; the proxy that fewer clients can
// use; one in another country than the client's; networks that had less than others; who has waited longest. Offers are
// served in order of arrival, those of clients without a path before all others: who has one, or a proxy already for
// one SDP of his offer, waits for his next behind everybody who has none. When none of them answers he has his old
// place again.
//
// Bounds: MatcherLimits. One thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/country.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "core/rendezvous/audience.hpp"
#include "core/rendezvous/deadline_set.hpp"
#include "core/rendezvous/live_ring.hpp"
#include "core/rendezvous/match_shares.hpp"
#include "core/rendezvous/nat_pairs.hpp"
#include "core/rendezvous/nat_probes.hpp"
#include "core/rendezvous/proxy_standing.hpp"
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
  std::uint32_t slots = 0;  // to sell now; none: it is there, and keeps its place in the slices
  TimePoint until{};
  RingPoint point = 0;       // where its place in the slices is
  std::uint64_t prefix = 0;  // a keyed hash of its /24 or /48; 0: unknown
  Country country = {};
  bool native = false;  // its DTLS does not look like a browser's
  ProxyTier tier = ProxyTier::Proven;
  Audience audience = Audience::People;  // of the common compartment: a group chose its volunteers itself
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
  // Where its slice of the common compartment begins; absent: it sees all of it.
  std::optional<RingPoint> point = std::nullopt;
  Country country = {};
  bool wants_browser = false;  // its country looks at DTLS: native proxies only when nobody else could serve it
  bool tester = false;         // of the common compartment, and without a point
  std::optional<NatProbe> probe = std::nullopt;  // a tester's: what it is for; absent: a test
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

struct MatcherLimits;

class Matcher {
 public:
  // MAT-B1: 32 MiB of entries at about 510 bytes; each is a connection, of which one process has 60,000 at most.
  static constexpr std::size_t kMaxProxies = 65'536;
  static constexpr std::size_t kMaxOffers = 8'192;  // MAT-B2: with their SDPs held to kMaxHeldBytes by the broker
  static constexpr std::size_t kMaxTries = 12;  // MAT-B3: three for each SDP; a client beyond that has other problems
  // MAT-T1: a pair of bad NATs usually costs the client a whole attempt; a better proxy often polls within seconds.
  static constexpr Seconds kNatPatience{5};
  // MAT-T2: no pair is made that leaves the proxy less time for its answer: gathering takes a second or two.
  static constexpr Seconds kMinTimeToAnswer{2};

  Matcher();
  explicit Matcher(const MatcherLimits& limits);

  // `now` never goes back, here and below.
  void add_proxy(TimePoint now, RequestKey key, WaitingProxy proxy);
  void remove_proxy(TimePoint now, RequestKey key);  // unknown keys are ignored, here and below
  // The standing of a waiting proxy has changed, or who may be given it.
  void restate_proxy(TimePoint now, RequestKey key, ProxyStanding standing, Audience audience = Audience::People);
  // False: full; nothing was added.
  [[nodiscard]] bool add_offer(TimePoint now, RequestKey key, WaitingOffer offer);
  void remove_offer(RequestKey key);
  // The pair did not work out: this SDP wants another proxy, never the same again. False: the offer has ended, or has
  // had kMaxTries proxies.
  bool reopen(TimePoint now, RequestKey offer, unsigned sdp_index);

  std::optional<MatcherEvent> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  std::size_t proxies() const { return proxies_.size(); }
  std::size_t offers() const { return offers_.size(); }
  // Proxies that have their places in the slices.
  std::size_t live() const { return rings_[0].live() + rings_[1].live(); }
  // These places, and the networks whose share of the last hour's matches is known.
  std::size_t remembered() const { return live() + shares_.prefixes(); }

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
    TimePoint patient_until = TimePoint::max();  // kNatPatience from its arrival; a tester is patient for ever
    bool takes_anybody = false;                  // has waited so long
  };
  // How welcome a proxy is to an offer; the smallest is taken.
  struct Score {
    bool known_to_fail = true;
    bool unwanted_dtls = true;
    unsigned standing = 0;
    unsigned nat_rank = 0;
    bool same_country = true;
    bool had_more = true;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Score&, const Score&) = default;
  };
  struct Best {
    bool newcomers_had_enough = false;
    std::optional<RequestKey> key;
    Score score;
  };

  static std::size_t lane(NatClass nat);  // which of the rings
  void take_place(RequestKey key, const Proxy& proxy);
  void list(RequestKey key, const Proxy& proxy);
  void unlist(RequestKey key, const Proxy& proxy);
  void list(RequestKey key, const Offer& offer);
  void unlist(RequestKey key, const Offer& offer);

  bool seek_proxies(TimePoint now, RequestKey key);  // whether there was one
  void seek_offers(TimePoint now, RequestKey key);
  void be_patient(TimePoint now, RequestKey key);  // an offer with an open SDP, until patient_until
  void pair(TimePoint now, RequestKey proxy_key, RequestKey offer_key);
  bool acceptable(TimePoint now, const Proxy& proxy, Offer& offer);
  std::optional<RequestKey> best_proxy(TimePoint now, Offer& offer);
  void look_through_queues(TimePoint now, Offer& offer, Best& best);
  void look_through_slice(TimePoint now, Offer& offer, Best& best);
  void consider(const Offer& offer, RequestKey key, const Proxy& proxy, MatchShares::Had had, Best& best) const;
  bool worth_a_path(const Proxy& proxy, const Offer& offer) const;
  bool may_meet(const Offer& offer, const Place& proxy) const;
  bool waits_for_browser(const Offer& offer) const;
  Score score(const Offer& offer, const Place& proxy, Country country, MatchShares::Had had,
              bool newcomers_had_enough) const;
  std::optional<RequestKey> oldest_offer(TimePoint now, RequestKey proxy_key, const Proxy& proxy);
  template <class Visit>
  void each_offer_that_sees(const LiveRing& ring, RingPoint point, const Visit& visit) const;
  void on_places_free(TimePoint now);
  void end_proxy(TimePoint now, RequestKey key, wire::Refusal why);
  void drop_oldest_proxy(TimePoint now);

  std::size_t max_proxies_;
  std::size_t max_offers_;
  std::unordered_map<RequestKey, Proxy> proxies_;
  std::unordered_map<RequestKey, Offer> offers_;
  std::map<ProxyId, RequestKey> by_id_;  // ids are chosen by peers: an ordered map
  WaitingIndex proxy_index_;             // those with a slot to sell
  WaitingIndex offer_index_;             // those that see everybody
  std::multimap<RingPoint, RequestKey> sliced_offers_;
  // One for proxies that a client behind any NAT can reach, one for the others, so that each slice has some of both.
  std::array<LiveRing, 2> rings_;
  MatchShares shares_;
  DeadlineSet<RequestKey> proxy_deadlines_;
  DeadlineSet<RequestKey> offer_deadlines_;
  DeadlineSet<RequestKey> patience_;
  std::uint64_t next_sequence_ = 1;
  std::deque<MatcherEvent> events_;  // drained by the caller after every call; one call adds a bounded number
};

// More than these: the oldest proxy is dropped, a new offer is refused. Other values are for measurements.
struct MatcherLimits {
  std::size_t max_proxies = Matcher::kMaxProxies;
  std::size_t max_offers = Matcher::kMaxOffers;
};

}  // namespace footbridge::core
