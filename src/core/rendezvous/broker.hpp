// Broker: the matching server without its sockets. Request bodies come in, response bodies go out; requests it cannot
// answer yet are parked. It learns no destination and no volume.
//
// Contract: every on_request() is answered through poll() exactly once, at once or at a deadline, unless on_gone()
// came first. Polls are held up to kMaxPollHold, offers until the client's own deadline. A poll that carries answers or
// outcomes is never held; one without a free slot is, if it asks for it: it hears who is gone. An assignment unanswered
// for kAnswerTtl is withdrawn and its SDP goes to another proxy. Malformed input gets Refusal::Malformed, never an
// error to the caller. One thread.
//
// Trust: nothing a proxy or a client says is believed beyond its own match. An answer counts only from the proxy id
// that got the assignment, which a sealed poll has proven to be its own; a plain one is believed (spec 01 §4).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/country.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/egress_book.hpp"
#include "core/rendezvous/invite_desk.hpp"
#include "core/rendezvous/mark_table.hpp"
#include "core/rendezvous/match_table.hpp"
#include "core/rendezvous/matcher.hpp"
#include "core/rendezvous/nat_probes.hpp"
#include "core/rendezvous/owed_withdrawals.hpp"
#include "core/rendezvous/prefix_budget.hpp"
#include "core/rendezvous/proxy_quality.hpp"
#include "core/rendezvous/rate_buckets.hpp"
#include "core/rendezvous/tested_proxies.hpp"
#include "crypto/secret_key.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// What prefix_hash of a requester stands for.
enum class Origin : std::uint8_t {
  Network,  // its /24 or /48
  Hidden,  // nothing, another one for each request: a front hides the address. It has no slice, and no network to limit
  Invite,  // the invite it came with, which has a budget and a slice of its own
};

// What the I/O shell knows about who sent a request.
struct RequesterInfo {
  Family family = Family::V4;
  std::uint64_t prefix_hash = 0;  // keyed; the address itself never comes here
  Country country = {};           // of its address; unknown without geographic data
  Origin origin = Origin::Network;
  RingPoint invite_slice = 0;  // Origin::Invite: prefix_hash stands for the installation, this for the invite

  bool hidden() const { return origin == Origin::Hidden; }
  std::optional<RingPoint> slice() const {
    return hidden() ? std::nullopt : std::optional(origin == Origin::Invite ? invite_slice : prefix_hash);
  }
};

// What the seal around a request has proven (spec 10): whose it is, or that it is nobody's in particular.
struct SealProof {
  std::optional<ProxyId> proxy;
};

// What the directory's tactics ask of a broker, which alone knows the countries of those who ask.
struct CountryTactics {
  // Whose censor looks at how DTLS begins: their clients get native proxies only when nobody else could serve them.
  std::set<Country> dtls_sensitive = {};
  // To or from whom no link is to be native: each end hears of the other that it cannot make one.
  std::set<Country> native_links_off = {};
  // From where a proxy's poll is refused, unless its person was warned that helping may be dangerous there.
  std::set<Country> risky_to_help = {};
};

struct BrokerConfig {
  std::vector<EgressEntry> egresses;  // at least one; an offer without a wish gets one at random
  // BRK-B2: slots one client prefix may hold that are not open yet (threat T3). A slot counts from its offer until the
  // proxy reports an outcome, at most kUnopenedHold after the answer was delivered.
  std::uint32_t slots_per_prefix = 4;
  CountryTactics tactics = {};
  // Requests that may be parked at once; from kLoadedPercent of them on only the scarcer side enters (P24).
  std::size_t max_parked = Matcher::kMaxProxies + Matcher::kMaxOffers;
  // Gives proxies their points on the rings of slices. The same after a restart, or everybody would see somebody new;
  // absent: drawn.
  std::optional<crypto::SecretKey> slice_key = std::nullopt;
  // Absent: nobody is asked for an invite, and everybody may announce into any compartment. For one machine.
  std::optional<InviteDesk> invites = std::nullopt;
};

// Counters since the start, for metrics; nothing in them belongs to one person.
struct BrokerStats {
  std::uint64_t polls = 0, offers = 0, malformed = 0;
  std::uint64_t pairs = 0, answers = 0, late_answers = 0, failed_answers = 0, unanswered = 0;
  std::uint64_t offers_matched = 0, offers_unmatched = 0, refused = 0;
  std::uint64_t offers_unanswered = 0;  // of those unmatched: somebody was asked for them, and nobody answered
  std::uint64_t offers_full = 0;        // refused: no room for their SDPs or their matches
  std::uint64_t links_opened = 0, links_failed = 0;
  std::uint64_t rate_limited = 0, overloaded = 0;
  std::uint64_t receipts = 0, receipts_unexpected = 0;  // that count; of no match that was made
  std::uint64_t uninvited = 0;
  std::uint64_t sent_away = 0;  // polls of proxies that fail their tests
  std::uint64_t heartbeats = 0, heartbeats_forged = 0, heartbeats_unfit = 0;
};

class Broker {
 public:
  static constexpr Seconds kMaxPollHold{30};   // BRK-T1: fronts cut idle requests after 60 s, some after 30 s
  static constexpr Seconds kMaxOfferHold{30};  // BRK-T2: the same reason
  static constexpr Seconds kAnswerTtl{10};  // BRK-T3: one gathering on a mobile network (4 s) and a round trip, doubled
  static constexpr Millis kSettle{500};     // BRK-T4: after a first answer, how long its siblings may still come
  static constexpr Seconds kUnopenedHold{20};    // BRK-T5: the proxy's own deadline for an opening link
  static constexpr Seconds kRetryNoProxy{2};     // BRK-T6: about the time in which a new poll arrives at a small broker
  static constexpr Seconds kRetryBusy{5};        // BRK-T7: a full table empties by its deadlines within tens of seconds
  static constexpr Seconds kDrainSpreadFrom{2};  // BRK-T8: a restart takes a second; the spread keeps
  static constexpr Seconds kDrainSpreadTo{10};   // BRK-T9:  thousands from arriving in one second
  // BRK-T11, BRK-B5: offers of one client prefix: one each second, and 30 saved. A client with three paths that loses
  // them all asks three times in a minute; a network of many shares what its front sees as one.
  static constexpr Seconds kOfferInterval{1};
  static constexpr std::uint32_t kOfferBurst = 30;
  // BRK-T12, BRK-B6: polls of one proxy prefix: ten each second, and 200 saved: fifty volunteers behind one address.
  static constexpr Millis kPollInterval{100};
  static constexpr std::uint32_t kPollBurst = 200;
  // INV-T1, INV-B3: matches of one installation, where invites are needed: three paths and as many more as they lose.
  static constexpr Seconds kGuestMatchInterval{60};
  static constexpr std::uint32_t kGuestMatchBurst = 60;
  static constexpr Seconds kRetryInvite{60};         // INV-T2: a new invite reaches its brokers within minutes
  static constexpr Seconds kRetryRisky{3600};        // BRK-T16: a person decides, or travels; both take hours
  static constexpr Seconds kRetryLoaded{10};         // BRK-T13: twice BRK-T7: the other side has to come first
  static constexpr std::size_t kLoadedPercent = 90;  // BRK-B7: of max_parked: answers and outcomes still need room
  static constexpr std::size_t kMaxHeldBytes = 128 * 1024 * 1024;  // BRK-B1: SDPs of parked offers

  struct Reply {
    RequestKey request = 0;
    Bytes body;
    // Of a person's offer that got a match: how long it took.
    std::optional<Duration> match_wait = std::nullopt;
  };

  Broker(BrokerConfig config, Rng& rng);

  // `proof`: none of a plain request, which says of itself who it is.
  void on_request(TimePoint now, UnixSeconds unix_now, RequestKey key, ByteView body, const RequesterInfo& who,
                  const std::optional<SealProof>& proof = std::nullopt);
  // The connection of a parked request died. Its offer's proxies are told; its slots are sold to nobody.
  void on_gone(TimePoint now, UnixSeconds unix_now, RequestKey key);
  // From now on these are served, in place of those before (EgressBook::replace). Who waits for one that is gone is
  // moved to another, or told.
  EgressBook::Replaced set_egresses(TimePoint now, UnixSeconds unix_now, std::vector<EgressEntry> egresses);
  // As in BrokerConfig. Who has more already keeps it.
  void set_limits(std::uint32_t slots_per_prefix, std::size_t max_parked);
  // In place of those of the configuration, for requests from now on.
  void set_tactics(CountryTactics tactics) { config_.tactics = std::move(tactics); }
  // From now on everybody is sent away, first of all those who are parked.
  void drain(TimePoint now);
  // From now on these rules hold. Who may not stay is sent away.
  void set_invites(TimePoint now, UnixSeconds unix_now, InviteRules rules);
  // The next that was let in for the first time: to be written down before poll()'s replies go out.
  std::optional<Guest> next_new_guest() { return invites_ ? invites_->next_new() : std::nullopt; }
  // To be written down in place of all that was.
  std::vector<Guest> guests() const { return invites_ ? invites_->all() : std::vector<Guest>(); }

  std::optional<Reply> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now, UnixSeconds unix_now);

  // Egresses that came, leave or fell silent, for the operator.
  std::optional<EgressBook::Change> poll_egress_change() { return egresses_.poll_change(); }

  // A tester that came, fell silent, or is not believed.
  std::optional<TestedProxies::State> poll_tester_change() { return tests_.poll_state(); }
  const TestedProxies& tests() const { return tests_; }
  const NatProbes& probes() const { return probes_; }

  const BrokerStats& stats() const { return stats_; }
  std::size_t parked_polls() const { return polls_.size(); }
  // Of them, those of pages. Looks at each: for who asks now and then.
  std::size_t parked_pages() const;
  // Of them, those of proxies behind such address translation.
  std::size_t parked_polls(NatClass nat) const { return polls_behind_.at(static_cast<std::size_t>(nat)); }
  std::size_t parked_offers() const { return offers_.size(); }
  std::size_t egresses_up() const { return egresses_.up(); }
  // Entries that it keeps about matches, proxies and networks besides those that wait. All but the marks of proxies end
  // with their time, so this is flat in a broker that has run for a day.
  std::size_t remembered() const;

 private:
  struct ParkedPoll {
    ProxyId proxy;
    wire::Nat nat;
    wire::Families families = wire::Families::V4;
    std::uint64_t capabilities = 0;
    std::uint32_t slots = 0;  // as it offers them
    wire::PollReply reply;    // what the coming answer will carry
    std::optional<Guest> guest{};
    bool native_links_off = false;
    std::uint64_t network = 0;  // 0: a front hides it
    bool page = false;          // of a widget
  };
  struct ParkedOffer {
    std::vector<wire::Sdp> sdps;
    wire::Nat nat;
    wire::Families families = wire::Families::V4;
    std::uint64_t capabilities = 0;
    std::size_t egress = 0;           // in the book
    bool wished = false;              // for just this one
    bool alone = false;               // one SDP of a client without a path
    bool test = false;                // of a tester
    std::optional<NatProbe> probe{};  // a test of this kind
    bool native_links_off = false;
    EgressBook::Client client;
    std::uint16_t shard = 0;
    std::uint64_t prefix = 0;   // whose budget it takes from
    std::uint64_t network = 0;  // for ProxyQuality: all that are hidden are one
    std::optional<Guest> guest;
    std::uint32_t reserved = 0;  // units of the prefix budget
    std::size_t held_bytes = 0;
    std::size_t answer_bytes = 0;  // of the SDPs in matches
    bool asked_somebody = false;
    std::vector<MatchId> pending;  // assigned, not answered
    std::vector<wire::Match> matches;
    TimePoint since{};
    bool wants_more = true;  // the matcher may still find a proxy for one of its SDPs
    wire::Refusal why_not = wire::Refusal::NoProxy;
    TimePoint until{};
  };

  using PollMap = std::unordered_map<RequestKey, ParkedPoll>;
  using OfferMap = std::unordered_map<RequestKey, ParkedOffer>;

  void on_poll(TimePoint now, UnixSeconds unix_now, RequestKey key, wire::Poll poll, const RequesterInfo& who);
  // News about a proxy; settle() tells the matcher.
  void restate(const ProxyId& proxy) { restated_.insert(proxy); }
  void tell_standing(TimePoint now, const ProxyId& proxy);
  RingPoint point_of(const ProxyId& proxy, const RequesterInfo& who) const;
  void take_answer(TimePoint now, UnixSeconds unix_now, const ProxyId& from, wire::Answer answer,
                   wire::PollReply& reply);
  bool is_expected(const wire::Poll& poll);
  void hear_complaints(TimePoint now, const wire::Offer& offer);
  void take_outcome(TimePoint now, const ProxyId& from, const wire::Outcome& outcome);
  Audience audience(TimePoint now, const ParkedPoll& poll, ProxyTier tier) const;
  bool sent_away(TimePoint now, RequestKey key, const wire::Poll& poll, ProxyTier tier, std::uint64_t network);
  void answer_poll(TimePoint now, RequestKey key, wire::Refusal why);
  void forget_poll(PollMap::iterator poll);

  Result<std::optional<Guest>, wire::Refusal> admit(UnixSeconds now, const std::optional<wire::InviteId>& invite,
                                                    const SelfTag& installation);
  bool may_announce_as(const wire::Poll& poll) const;
  RequesterInfo counted_as(const RequesterInfo& who, const std::optional<Guest>& guest) const;

  void on_offer(TimePoint now, UnixSeconds unix_now, RequestKey key, wire::Offer offer, const RequesterInfo& who);
  void hear_tester(TimePoint now, const wire::Offer& offer);
  void note_outcome_of_test(TimePoint now, const MatchId& match, wire::OutcomeKind kind);
  void note_failure(TimePoint now, const OpenMatch& match);
  void note_nothing(TimePoint now, const OpenMatch& match);
  void retry_sdp(TimePoint now, const MatchId& id);
  void reopen(TimePoint now, RequestKey key, ParkedOffer& offer, unsigned sdp_index);
  void on_match_due(TimePoint now, const MatchId& id);
  void finish_if_complete(TimePoint now, RequestKey key);
  void finish_offer(TimePoint now, RequestKey key);
  void end_offer(TimePoint now, OfferMap::iterator found);
  void withdraw(TimePoint now, const MatchId& match, const ProxyId& proxy);

  void on_heartbeat(TimePoint now, UnixSeconds unix_now, RequestKey key, const wire::Heartbeat& heartbeat);
  void take_receipt(TimePoint now, const ReportRun& run, const wire::Receipt& receipt);
  void move_offers();  // away from egresses that take no clients any more

  void settle(TimePoint now, UnixSeconds unix_now);  // ends every turn: carries out what changed
  void assign(TimePoint now, UnixSeconds unix_now, const Paired& pair);
  void note_matched(TimePoint now, const MatchId& match, const ParkedOffer& offer, const ParkedPoll& poll);
  void on_matcher_gave_up(const OfferEnded& end);
  void send(RequestKey key, const wire::Response& response);
  void refuse(RequestKey key, wire::Refusal why);
  void refuse_rate(RequestKey key, Duration wait);
  bool loaded() const;
  bool too_loaded_for(std::size_t mine, std::size_t others) const { return loaded() && mine >= others; }
  Millis retry_after(wire::Refusal why);

  BrokerConfig config_;  // without its egresses, which are in the book
  EgressBook egresses_;
  MarkTable marks_;
  Rng& rng_;
  Matcher matcher_;
  MatchTable matches_;
  OwedWithdrawals owed_;
  PrefixBudget budget_;
  RateBuckets offer_rate_{kOfferInterval, kOfferBurst};
  RateBuckets poll_rate_{kPollInterval, kPollBurst};
  RateBuckets guest_rate_{kGuestMatchInterval, kGuestMatchBurst};
  std::optional<InviteDesk> invites_;
  ProxyQuality quality_;
  TestedProxies tests_;
  NatProbes probes_;
  crypto::SecretKey slice_key_;
  PollMap polls_;
  std::array<std::size_t, kNatClasses> polls_behind_{};  // how many of them, by NatClass
  OfferMap offers_;
  std::map<ProxyId, RequestKey> poll_of_;
  std::vector<RequestKey> due_polls_;   // have something to say at the end of this turn
  std::vector<RequestKey> due_offers_;  // may be complete
  std::set<ProxyId> restated_;          // have another standing since this turn began
  DeadlineSet<RequestKey> offer_deadlines_;
  std::size_t held_bytes_ = 0;
  bool draining_ = false;
  std::deque<Reply> replies_;  // at most one per request: bounded by the shell's open requests
  BrokerStats stats_;
};

}  // namespace footbridge::core
