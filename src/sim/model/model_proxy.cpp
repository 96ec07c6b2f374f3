#include "sim/model/model_proxy.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/overloaded.hpp"
#include "core/path/leaving_note.hpp"

namespace footbridge::sim::model {

using core::ProxyEngine;
using core::ProxyRendezvous;
using core::SlotRef;

namespace {

constexpr Duration kGatherLeast = Millis{50};
constexpr Duration kGatherMost = Seconds{1};
// Slots are announced with a poll; one that was sold just before the number shrank is nobody's fault.
constexpr Duration kAnnouncedFor = Seconds{40};

std::optional<Duration> longest(ProxyEngine::State state) {
  switch (state) {
    case ProxyEngine::State::Answering: return ProxyEngine::kAnswerTimeout;
    case ProxyEngine::State::Linking: return ProxyEngine::kLinkTimeout;
    case ProxyEngine::State::Dialling: return ProxyEngine::kDialTimeout;
    case ProxyEngine::State::Closing: return ProxyEngine::kCloseTimeout;
    case ProxyEngine::State::Free:
    case ProxyEngine::State::Relaying: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

// One client's stay: its link, its leg, and the relay between them.
class ModelProxy::Stay {
 public:
  Stay(ModelProxy& proxy, SlotRef at, Hop& link) : proxy_(proxy), at_(at), link_(&link.end(kFar)) {
    link_->set_user(link_side_);
  }
  ~Stay() {
    if (link_ != nullptr) link_->forget_user(), link_->close(PipeEnd::Local);
    if (leg_ != nullptr) leg_->forget_user(), leg_->close(PipeEnd::Local);
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

  SlotRef at() const { return at_; }
  bool link_open() const { return link_ != nullptr && link_->hop().is_open(); }
  void take_leg(Hop& leg) {
    leg_ = &leg.end(kNear);
    leg_->set_user(leg_side_);
  }
  void start_relay() {
    if (relay_ && leg_ != nullptr) relay_->attach_leg(*leg_, true);
    relaying_ = true;
  }
  void tell_leaving(const MatchId& match, Rng& rng) {
    if (link_ != nullptr) static_cast<void>(link_->send(core::make_leaving_note(match, rng)));
  }
  // False: there is none, so nobody will confirm.
  bool close_link(PipeEnd why) { return link_ != nullptr && (link_->close(why), true); }
  bool close_leg(PipeEnd why) { return leg_ != nullptr && (leg_->close(why), true); }
  void vanish(bool noticed) {
    if (link_ != nullptr) std::exchange(link_, nullptr)->hop().vanish(kFar, noticed);
    if (leg_ != nullptr) std::exchange(leg_, nullptr)->hop().vanish(kNear, noticed);
  }
  void cut(bool is_cut) {
    if (link_ != nullptr) link_->hop().cut(is_cut);
    if (leg_ != nullptr) leg_->hop().cut(is_cut);
  }

 private:
  struct LinkSide final : PipeEvents {
    explicit LinkSide(Stay& of) : stay(of) {}
    void on_open(TimePoint now) override {
      stay.relay_.emplace(stay.at_, *stay.link_);
      stay.proxy_.engine_.on_link_open(now, stay.at_);
      stay.proxy_.settle();
    }
    void on_messages(TimePoint, std::span<const ByteView> batch) override {
      if (stay.relay_) stay.relay_->on_link_messages(stay.at_, batch);
    }
    void on_drained(TimePoint) override {
      if (stay.relay_) stay.relay_->on_link_drained(stay.at_);
    }
    void on_closed(TimePoint now, PipeEnd end) override {
      stay.link_ = nullptr;
      stay.relay_.reset();
      stay.proxy_.engine_.on_link_closed(now, stay.at_, end);
      stay.proxy_.settle();
    }
    Stay& stay;
  };
  struct LegSide final : PipeEvents {
    explicit LegSide(Stay& of) : stay(of) {}
    void on_open(TimePoint now) override {
      stay.proxy_.engine_.on_leg_open(now, stay.at_);
      stay.proxy_.settle();
    }
    void on_messages(TimePoint, std::span<const ByteView> batch) override {
      if (stay.relay_ && stay.relaying_) stay.relay_->on_leg_messages(stay.at_, batch);
    }
    void on_drained(TimePoint) override {}
    void on_closed(TimePoint now, PipeEnd end) override {
      stay.leg_ = nullptr;
      stay.relay_.reset();
      stay.proxy_.engine_.on_leg_closed(now, stay.at_, end);
      stay.proxy_.settle();
    }
    Stay& stay;
  };

  ModelProxy& proxy_;
  SlotRef at_;
  HopEnd* link_;
  HopEnd* leg_ = nullptr;
  std::optional<core::Relay> relay_;  // from the link's opening until either end is closed
  bool relaying_ = false;
  LinkSide link_side_{*this};
  LegSide leg_side_{*this};
};

ModelProxy::ModelProxy(Ground& ground, std::uint64_t number, Network& network, const ProxyTerms& terms, Seed seed)
    : RendezvousAsker(ground, {"proxy", number}),
      number_(number),
      network_(network),
      dice_(seed),
      engine_({.allowed_relays = terms.relays}),
      rendezvous_({.proxy = terms.id, .self_tag = terms.self_tag, .nat = terms.told_nat}, dice_) {
  set_slots(terms.slots);
}

ModelProxy::~ModelProxy() = default;

void ModelProxy::set_slots(std::size_t count) {
  if (count < engine_.slots()) slots_changed_ = now();
  engine_.set_slots(now(), count);
  ground().story(who_, "slots", {{"count", count}});
  settle();
}

void ModelProxy::freeze(bool frozen) {
  frozen_ = frozen;
  offline = frozen;
  ground().story(who_, frozen ? "freezes" : "thaws");
  for (auto& stay : stays_)
    if (stay) stay->cut(frozen);
  if (frozen) return;
  since_ = {};  // it was not its own master
  on_alarm();
}

void ModelProxy::crash(bool noticed) {
  ground().story(who_, "crashes", {{"noticed", noticed ? 1U : 0U}});
  for (auto& stay : stays_)
    if (stay) stay->vanish(noticed);
  if (noticed && !offline) network_.broker_of(who_).forget(*this);
}

void ModelProxy::on_leg(SlotRef at, Hop& leg) {
  if (leg.end(kNear).over()) return on_leg_refused(at);  // its egress has gone while the answer was under way
  if (auto* stay = find(at); stay != nullptr && engine_.state(at.slot) == ProxyEngine::State::Dialling) {
    stay->take_leg(leg);
    return leg.open();
  }
  leg.open();
  leg.end(kNear).close(PipeEnd::Local);  // the client has left meanwhile
}

void ModelProxy::on_leg_refused(SlotRef at) {
  ground().story(who_, "leg-refused", {{"slot", at.slot}});
  engine_.on_leg_closed(now(), at, PipeEnd::Setup);
  settle();
}

void ModelProxy::on_response(std::uint64_t id, ByteView body) {
  rendezvous_.on_response(now(), id, body);
  settle();
}

void ModelProxy::on_failed(std::uint64_t id) {
  rendezvous_.on_failed(now(), id);
  settle();
}

void ModelProxy::on_alarm() {
  if (frozen_) return;
  if (const auto due = engine_.deadline(); due && *due <= now()) engine_.on_deadline(now());
  if (const auto due = rendezvous_.deadline(); due && *due <= now()) rendezvous_.on_deadline(now());
  settle();
}

void ModelProxy::settle() {
  if (std::exchange(settling_, true)) return;
  for (bool any = true; any;) {
    any = false;
    for (auto command = engine_.poll(); command; command = engine_.poll(), any = true) carry_out(*command);
    for (auto output = rendezvous_.poll(); output; output = rendezvous_.poll(), any = true) carry_out(*output);
  }
  settling_ = false;
  if (rendezvous_.requests() > 2)
    ground().broken(Property::Bounded, who_, "more than two requests are open at the broker");
  check_states();
  if (!frozen_) set_alarm(earlier(engine_.deadline(), rendezvous_.deadline()));
}

// P6: every state that has a deadline is left by then.
void ModelProxy::check_states() {
  for (std::size_t slot = 0; slot < stays_.size(); ++slot) {
    const auto state = engine_.state(slot);
    if (since_[slot].first != state) since_[slot] = {state, now()};
    const auto most = longest(state);
    if (most && !frozen_ && now() - since_[slot].second > *most)
      ground().broken(
          Property::TerminalInTime, who_,
          "slot " + std::to_string(slot) + " is " + std::string(core::name(state)) + " beyond its deadline");
    // From a later event: its own callback may be what led here.
    if (state != ProxyEngine::State::Free || !stays_[slot]) continue;
    over_.push_back(std::move(stays_[slot]));
    later({}, [this] { over_.clear(); });
  }
}

void ModelProxy::carry_out(ProxyEngine::Command& command) {
  std::visit(Overloaded{
                 [&](ProxyEngine::MakeAnswer& make) { make_answer(make); },
                 [&](ProxyEngine::SendAnswer& send) { rendezvous_.answer(now(), send.match, std::move(send.sdp)); },
                 [&](ProxyEngine::SendFailure& send) { rendezvous_.fail(now(), send.match, send.why); },
                 [&](ProxyEngine::Report& report) {
                   ground().story(who_, "outcome", {{"kind", static_cast<std::uint64_t>(report.kind)}});
                   rendezvous_.report(now(), report.match, report.kind);
                 },
                 [&](ProxyEngine::DialLeg& dial) {
                   const auto* stay = find(dial.at);
                   if (stay == nullptr || !stay->link_open())
                     ground().broken(Property::SilentBefore, who_, "a leg is dialled while the link is not open");
                   network_.dial(*this, dial.at, dial.url.reveal_to_socket());
                 },
                 [&](ProxyEngine::StartRelay& start) {
                   if (auto* stay = find(start.at)) stay->start_relay();
                 },
                 [&](ProxyEngine::TellLeaving& tell) {
                   if (auto* stay = find(tell.at)) stay->tell_leaving(tell.match, dice_);
                 },
                 [&](ProxyEngine::CloseLink& close) {
                   auto* stay = find(close.at);
                   if (stay == nullptr || !stay->close_link(close.why))
                     engine_.on_link_closed(now(), close.at, close.why);
                 },
                 [&](ProxyEngine::CloseLeg& close) {
                   auto* stay = find(close.at);
                   if (stay == nullptr || !stay->close_leg(close.why))
                     engine_.on_leg_closed(now(), close.at, close.why);
                 },
                 [&](ProxyEngine::FreeSlots& free) { rendezvous_.set_free_slots(now(), free.count, free.serves); },
             },
             command);
}

void ModelProxy::carry_out(ProxyRendezvous::Output& output) {
  std::visit(Overloaded{
                 [&](ProxyRendezvous::Post& post) {
                   network_.broker_of(who_).post(*this, post.id, std::move(post.body), network_.requester(who_));
                 },
                 [&](ProxyRendezvous::Abandon& abandon) { network_.broker_of(who_).abandon(*this, abandon.id); },
                 [&](ProxyRendezvous::Assigned& assigned) {
                   if (engine_.busy() >= engine_.slots() && now() - slots_changed_ > kAnnouncedFor)
                     ground().broken(Property::SoldOnce, who_, "a client is sent here, and no slot is free for it");
                   engine_.on_assigned(now(), assigned.assignment);
                 },
                 [&](ProxyRendezvous::Withdrawn& withdrawn) { engine_.on_withdrawn(now(), withdrawn.match); },
                 [&](ProxyRendezvous::Waiting&) {},
             },
             output);
}

void ModelProxy::make_answer(const ProxyEngine::MakeAnswer& make) {
  wire::Sdp answer;
  auto& link = network_.answer_link(number_, answer);
  stays_[make.at.slot] = std::make_unique<Stay>(*this, make.at, link);
  ground().story(who_, "answers", {{"slot", make.at.slot}, {"link", link.number()}});
  later(dice_.duration(kGatherLeast, kGatherMost), [this, at = make.at, text = std::move(answer)]() mutable {
    engine_.on_answer_made(now(), at, std::move(text));
    settle();
  });
}

ModelProxy::Stay* ModelProxy::find(SlotRef at) {
  auto* stay = stays_[at.slot].get();
  return stay != nullptr && stay->at() == at ? stay : nullptr;
}

}  // namespace footbridge::sim::model
