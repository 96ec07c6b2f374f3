#include "core/browser/browser_proxy.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "core/browser/offer_filter.hpp"
#include "core/limits/person_marks.hpp"
#include "core/path/leaving_note.hpp"

namespace footbridge::core {
namespace {

ProxyRendezvousConfig rendezvous_config(const BrowserProxyConfig& config) {
  ProxyRendezvousConfig out;
  out.proxy = ProxyId{config.key.public_key.raw};
  out.self_tag = config.self_tag;
  out.families = config.families;
  out.form = config.form;
  out.invite = config.invite;
  out.was_warned = config.was_warned;
  out.first_hold = ProxyRendezvous::kFirstHold;
  return out;
}

}  // namespace

BrowserProxy::BrowserProxy(BrowserProxyConfig config, Rng& rng)
    : rng_(rng),
      person_key_(crypto::SecretKey::random(rng)),
      allow_private_candidates_(config.allow_private_candidates),
      engine_({.allowed_relays = std::move(config.relays), .allow_private_egress = config.allow_private_egress}),
      rendezvous_(rendezvous_config(config), rng),
      posts_(config.ways, std::move(config.seals), config.key, rng) {}

void BrowserProxy::restore(Moment at, ByteView kept) {
  status_.record_lost = !limits_.restore(at.local, kept);
  settle(at);
}

void BrowserProxy::set_people(Moment at, std::size_t most) {
  if (most > 0 && !std::exchange(status_.on, true)) {
    status_.heard = false;
    if (std::exchange(awaits_decision_, false)) {
      status_.trouble = {};
      rendezvous_.wake(at.now);  // or the hour that a broker wants of programs passes first
    }
  }
  if (most == 0) status_.on = false;
  wanted_people_ = most;
  settle(at);
}

void BrowserProxy::set_limits(Moment at, LimitSettings settings) {
  limits_.set(std::move(settings));
  settle(at);
}

void BrowserProxy::stop(Moment at) {
  status_.on = false;
  wanted_people_ = 0;
  engine_.stop(at.now);
  settle(at);
}

void BrowserProxy::on_answered(Moment at, std::uint64_t post, ByteView bytes) {
  posts_.answered(at, post, bytes);
  settle(at);
}

void BrowserProxy::on_failed(Moment at, std::uint64_t post) {
  posts_.failed(at, post);
  settle(at);
}

void BrowserProxy::on_answer_made(Moment at, SlotRef slot, wire::Sdp answer) {
  engine_.on_answer_made(at.now, slot, std::move(answer));
  settle(at);
}

void BrowserProxy::on_answer_failed(Moment at, SlotRef slot) {
  engine_.on_answer_failed(at.now, slot, wire::AnswerFailure::Gathering);
  settle(at);
}

void BrowserProxy::on_link_open(Moment at, SlotRef slot) {
  engine_.on_link_open(at.now, slot);
  settle(at);
}

void BrowserProxy::on_link_closed(Moment at, SlotRef slot, PipeEnd why) {
  engine_.on_link_closed(at.now, slot, why);
  settle(at);
}

void BrowserProxy::on_leg_open(Moment at, SlotRef slot) {
  engine_.on_leg_open(at.now, slot);
  settle(at);
}

void BrowserProxy::on_leg_closed(Moment at, SlotRef slot, PipeEnd why) {
  engine_.on_leg_closed(at.now, slot, why);
  settle(at);
}

void BrowserProxy::on_carried(Moment at, SlotRef slot, std::uint64_t up, std::uint64_t down) {
  FB_ASSERT(slot.slot < activities_.size());
  auto& activity = activities_[slot.slot];
  if (activity && activity->at == slot && up >= activity->up && down >= activity->down) {
    activity->seen.observe(at.now, up + down);
    limits_.on_carried(at.local, up - activity->up, down - activity->down);
    activity->up = up;
    activity->down = down;
  }
  settle(at);
}

void BrowserProxy::on_time(Moment at) {
  if (const auto due = engine_.deadline(); due && *due <= at.now) engine_.on_deadline(at.now);
  if (const auto due = rendezvous_.deadline(); due && *due <= at.now) rendezvous_.on_deadline(at.now);
  settle(at);
}

void BrowserProxy::on_network_change(Moment at) {
  posts_.on_network_change();
  rendezvous_.wake(at.now);
  settle(at);
}

void BrowserProxy::set_network(Moment at, PageNetwork network) {
  rendezvous_.set_nat(at.now, nat_of(network));
  settle(at);
}

std::optional<BrowserProxy::Command> BrowserProxy::poll() {
  if (out_.empty()) return std::nullopt;
  auto command = std::move(out_.front());
  out_.pop_front();
  return command;
}

std::optional<TimePoint> BrowserProxy::deadline() const {
  return earlier(earlier(look_at_, weigh_at_), earlier(engine_.deadline(), rendezvous_.deadline()));
}

// A command's own consequence is a command too: until there are none.
void BrowserProxy::settle(Moment at) {
  weigh(at);
  while (drain_engine(at) || drain_rendezvous(at) || drain_posts(at)) {
  }
  if (awaits_decision_) status_.trouble = name(wire::Refusal::RiskyPlace);
  look(at);
  const bool resting = !status_.on && engine_.busy() == 0;
  if (auto record = limits_.poll_kept(at.now, resting)) out_.push_back(Keep{std::move(*record)});
  weigh_at_.reset();
  if (!resting) weigh_at_ = VolunteerLimits::deadline(at.now, at.local, status_.limits);
}

// Whether somebody may come, and those who are here may stay.
void BrowserProxy::weigh(Moment at) {
  const auto before = std::exchange(status_.limits, limits_.look(at.local));
  const auto& [pause, overrun, changes_at] = status_.limits;
  const auto people = pause == Pause::None && !awaits_decision_ ? wanted_people_ : 0;
  if (overrun)
    engine_.stop(at.now);
  else if (people != engine_.slots() || pause != before.pause)
    engine_.set_slots(at.now, people, pause == Pause::None ? Duration(ProxyEngine::kDrainGrace) : kLimitDrain);
}

bool BrowserProxy::drain_engine(Moment at) {
  bool any = false;
  for (; auto command = engine_.poll(); any = true) carry_out(at, *command);
  return any;
}

bool BrowserProxy::drain_rendezvous(Moment at) {
  bool any = false;
  for (; auto output = rendezvous_.poll(); any = true) carry_out(at, *output);
  return any;
}

bool BrowserProxy::drain_posts(Moment at) {
  bool any = false;
  for (; auto output = posts_.poll(); any = true) {
    if (auto* send = std::get_if<RendezvousPosts::Send>(&*output)) {
      out_.push_back(std::move(*send));
      continue;
    }
    const auto& settled = std::get<RendezvousPosts::Settled>(*output);
    status_.heard = settled.body.has_value();
    status_.trouble = settled.body ? std::string_view{} : "broker-silent";
    if (settled.body)
      rendezvous_.on_response(at.now, settled.request, *settled.body);
    else
      rendezvous_.on_failed(at.now, settled.request);
  }
  return any;
}

void BrowserProxy::carry_out(Moment at, ProxyEngine::Command& command) {
  using Engine = ProxyEngine;
  std::visit(Overloaded{
                 [&](Engine::MakeAnswer& make) { make_answer(at, make); },
                 [&](Engine::SendAnswer& send) { rendezvous_.answer(at.now, send.match, std::move(send.sdp)); },
                 [&](Engine::SendFailure& send) { rendezvous_.fail(at.now, send.match, send.why); },
                 [&](Engine::Report& report) { rendezvous_.report(at.now, report.match, report.kind); },
                 [&](Engine::DialLeg& dial) {
                   out_.push_back(DialLeg{dial.at, std::move(dial.url)});
                 },
                 [&](Engine::StartRelay& start) {
                   start_relay(at, start.at);
                   out_.push_back(StartRelay{start.at});
                 },
                 [&](Engine::TellLeaving& tell) {
                   out_.push_back(SendOnLink{tell.at, make_leaving_note(tell.match, rng_)});
                 },
                 [&](Engine::CloseLink& close) {
                   out_.push_back(CloseLink{close.at, close.why});
                 },
                 [&](Engine::CloseLeg& close) {
                   out_.push_back(CloseLeg{close.at, close.why});
                 },
                 [&](Engine::FreeSlots& free) { rendezvous_.set_free_slots(at.now, free.count, free.serves); },
             },
             command);
}

void BrowserProxy::carry_out(Moment at, ProxyRendezvous::Output& output) {
  using Rendezvous = ProxyRendezvous;
  std::visit(Overloaded{
                 [&](Rendezvous::Post& post) { posts_.post(at, post.id, std::move(post.body)); },
                 [&](Rendezvous::Abandon& gone) {
                   if (const auto post = posts_.drop(at, gone.id, gone.silent)) out_.push_back(Cut{*post});
                 },
                 [&](Rendezvous::Assigned& assigned) { engine_.on_assigned(at.now, assigned.assignment); },
                 [&](Rendezvous::Withdrawn& withdrawn) { engine_.on_withdrawn(at.now, withdrawn.match); },
                 [&](Rendezvous::Waiting& waiting) {
                   if (waiting.silent) status_.heard = false;
                   if (waiting.silent || waiting.strange)
                     status_.trouble = "broker-silent";
                   else if (waiting.why != wire::Refusal::None)
                     status_.trouble = name(waiting.why);
                   if (waiting.why == wire::Refusal::RiskyPlace) await_decision(at);
                 },
             },
             output);
}

void BrowserProxy::make_answer(Moment at, ProxyEngine::MakeAnswer& make) {
  marks_[make.at.slot] = person_marks(make.offer, person_key_);
  if (auto offer = usable_offer(make.offer, allow_private_candidates_, rng_))
    out_.push_back(MakeAnswer{make.at, std::move(*offer)});
  else
    engine_.on_answer_failed(at.now, make.at, wire::AnswerFailure::BadOffer);
}

// A broker would be asked again in an hour: each time is a trace that somebody tries to help from there.
void BrowserProxy::await_decision(Moment at) {
  awaits_decision_ = true;
  engine_.set_slots(at.now, 0);
}

void BrowserProxy::start_relay(Moment at, SlotRef slot) {
  auto& activity = activities_[slot.slot];
  if (activity && activity->person) people_.left(at.now, *activity->person);
  const auto arrival = people_.arrived(at.now, marks_[slot.slot]);
  marks_[slot.slot] = {};  // people_ has them, and forgets them in time
  if (arrival.is_new) limits_.on_helped(at.local);
  activity.emplace(Activity{slot, SlotActivity(at.now), arrival.person});
}

// Who is connected and who is helped: a person who lends a connection is told the difference.
void BrowserProxy::look(Moment at) {
  auto& helped = status_.helped = {};
  look_at_.reset();
  for (auto& activity : activities_) {
    if (!activity || !activity->person) continue;
    if (engine_.state(activity->at.slot) != ProxyEngine::State::Relaying) {
      people_.left(at.now, *std::exchange(activity->person, std::nullopt));
    } else if (activity->seen.helping(at.now)) {
      look_at_ = earlier(look_at_, activity->seen.helping_until());
      helped.add(*activity->person, engine_.country(activity->at.slot));
    }
  }
  for (std::size_t slot = 0; slot < marks_.size(); ++slot)
    if (engine_.state(slot) == ProxyEngine::State::Free) marks_[slot] = {};
  people_.forget(at.now);
  look_at_ = earlier(look_at_, people_.deadline());
  status_.people = static_cast<std::uint8_t>(people_.here());
  status_.standby = static_cast<std::uint8_t>(people_.here() - helped.people());
}

}  // namespace footbridge::core
