// ProxyRendezvous: a volunteer's side of the rendezvous, without its sockets. It keeps one parked poll open, and sends
// answers and outcomes at once through a second request: never more than two in all. Without a free slot the parked
// poll sells nothing; it keeps the volunteer's place in the slices, and brings the news that a client has gone. What
// could not be said is said again, but for who asks for nobody any more: whoever is switched off says each thing once.
// The first poll since it parks, and each until one succeeds, asks for `first_hold`: a person who waits to hear that a
// broker knows him hears it then.
//
// The shell drains poll() after every call, sends Post bodies, and reports on_response() or on_failed() under the same
// id; results for ids no longer current are ignored. The proxy engine is told of assignments and withdrawals and tells
// free slots, answers and outcomes. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ring.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/request_channel.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

struct ProxyRendezvousConfig {
  ProxyId proxy;
  SelfTag self_tag;
  wire::Nat nat{};
  wire::Families families = wire::Families::V4;
  std::vector<wire::CompartmentId> compartments{wire::kCommonCompartment};
  std::uint64_t capabilities = 0;
  wire::ProxyForm form = wire::ProxyForm::Daemon;
  std::optional<wire::InviteId> invite{};      // of the network that was joined; for sealed ways only
  std::vector<wire::Announcing> announcing{};  // for each personal one of the compartments
  bool was_warned = false;                     // its person was told that the place may be dangerous, and goes on
  Millis first_hold = RequestChannel::kHold;   // what the first poll asks for
};

class ProxyRendezvous {
 public:
  static constexpr Seconds kErrandTimeout{5};  // PRV-T3: answered without being held; a slow front fits
  static constexpr Seconds kAnswerTtl{10};     // PRV-T4: the broker gives the client to another proxy then
  static constexpr Seconds kOutcomeTtl{20};    // PRV-T8: the broker has forgotten the match then
  static constexpr Seconds kShortestHold{1};   // PRV-T6: empty sooner than this, and not asked to be, is a failure
  static constexpr Millis kFirstHold{500};     // PRV-T7: who switches on hears within a second that a broker knows him
  static constexpr std::size_t kMaxQueuedAnswers = wire::kMaxPollSlots;
  static constexpr std::size_t kMaxQueuedOutcomes = wire::kMaxOutcomes;  // then the oldest is forgotten

  using Post = PostRequest;
  using Abandon = AbandonRequest;
  struct Assigned {
    wire::Assignment assignment;
  };
  struct Withdrawn {  // the client is gone: free its slot
    MatchId match;
  };
  using Waiting = RendezvousWaits;  // of the parked poll
  using Output = std::variant<Post, Abandon, Assigned, Withdrawn, Waiting>;

  ProxyRendezvous(ProxyRendezvousConfig config, Rng& rng) : config_(std::move(config)), rng_(rng) {}

  // Slots sold by a response count as taken until the next call. 0 ends the parked poll at once: nobody is sent here.
  // `serves`: it has clients and will have others, so that it stays with the broker even without a free slot.
  void set_free_slots(TimePoint now, std::uint32_t slots, bool serves = false);
  void answer(TimePoint now, const MatchId& match, wire::Sdp sdp);
  void fail(TimePoint now, const MatchId& match, wire::AnswerFailure why);
  void report(TimePoint now, const MatchId& match, wire::OutcomeKind kind);
  void wake(TimePoint now);
  // A poll that says something else is taken back, so that nobody is matched by it.
  void set_nat(TimePoint now, wire::Nat nat);
  void set_port_mapped(bool mapped) { port_mapped_ = mapped; }  // from the next request on
  void set_families(wire::Families families) { config_.families = families; }

  void on_response(TimePoint now, std::uint64_t id, ByteView body);
  // `unproven`: what answered did not prove to be the broker.
  void on_failed(TimePoint now, std::uint64_t id, bool unproven = false);

  std::optional<Output> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  std::size_t requests() const { return (parking_.open() ? 1U : 0U) + (errand_.open() ? 1U : 0U); }

 private:
  struct QueuedAnswer {
    wire::Answer answer;
    TimePoint until{};
  };
  struct QueuedOutcome {
    wire::Outcome outcome;
    TimePoint until{};
  };

  bool parks() const { return slots_ > 0 || serves_; }
  Millis hold() const { return is_known_ ? RequestChannel::kHold : config_.first_hold; }  // of a poll that parks
  void act(TimePoint now);  // opens whatever request is due
  void open_parking(TimePoint now);
  void open_errand(TimePoint now);
  wire::Poll header() const;
  void post(TimePoint now, RequestChannel& channel, Duration patience, const wire::Poll& poll);
  RequestChannel* channel_of(std::uint64_t id);  // null: no longer current
  void queue_answer(TimePoint now, wire::Answer answer);
  void close_parking();
  struct Trouble {  // as RendezvousWaits; unproven: as on_failed(); hasty: an answer, but sooner than it was to come
    wire::Refusal why = wire::Refusal::None;
    Millis at_least{};
    bool silent = false, strange = false, unproven = false, hasty = false;
  };
  void on_trouble(TimePoint now, RequestChannel& channel, Trouble trouble);
  void forget_late(TimePoint now);
  void put_back_errand();
  void forget_sent();
  void take_reply(wire::PollReply reply);

  ProxyRendezvousConfig config_;
  bool port_mapped_ = false;
  Rng& rng_;
  std::uint32_t slots_ = 0;
  std::uint32_t parked_slots_ = 0;  // of the parked poll
  bool serves_ = false;
  bool is_known_ = false;  // a broker answered a poll since it parks, and the last one did not fail
  RequestChannel parking_;
  RequestChannel errand_;
  Ring<QueuedAnswer> answers_;
  Ring<QueuedOutcome> outcomes_;
  std::vector<QueuedAnswer> sent_answers_;  // in the open errand; come back if it fails
  std::vector<QueuedOutcome> sent_outcomes_;
  std::uint64_t last_id_ = 0;
  WakeGate wakes_;
  Ring<Output> out_;  // drained after every call
};

}  // namespace footbridge::core
