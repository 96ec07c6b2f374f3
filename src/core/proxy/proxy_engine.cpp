#include "core/proxy/proxy_engine.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

using wire::AnswerFailure;
using wire::OutcomeKind;

ProxyEngine::ProxyEngine(const ProxyEngineConfig& config)
    : relays_(config.allowed_relays, config.allow_private_egress, config.relay_udp_ports, config.relay_tls_pins) {}

void ProxyEngine::set_slots(TimePoint now, std::size_t count, Duration grace) {
  wanted_ = std::min(count, kMaxSlots);
  choose_surplus(now, grace);
  tell_free_slots();
}

void ProxyEngine::stop(TimePoint now) {
  wanted_ = 0;
  for (auto& slot : slots_) give_up(now, slot, AnswerFailure::Stopped, OutcomeKind::Stopped, PipeEnd::Local);
  tell_free_slots();
}

// Events from the rendezvous ---------------------------------------------------------------------------------------

void ProxyEngine::on_assigned(TimePoint now, const wire::Assignment& assignment) {
  if (told_free_ > 0) --told_free_;  // the rendezvous has counted it too
  const auto serves = [&](const Slot& s) { return s.state != State::Free && s.match == assignment.match; };
  const auto free = std::ranges::find(slots_, State::Free, &Slot::state);
  auto url = relays_.dial_url(assignment.relay_url, assignment.leg_token);
  if (std::ranges::any_of(slots_, serves)) {
    // The same match again changes nothing: an answer is on its way already.
  } else if (busy() >= wanted_ || free == slots_.end()) {
    out_.push_back(SendFailure{assignment.match, wanted_ == 0 ? AnswerFailure::Stopped : AnswerFailure::Busy});
  } else if (!url) {
    out_.push_back(SendFailure{assignment.match, AnswerFailure::RelayRefused});
  } else {
    const auto epoch = free->epoch + 1;
    *free = Slot{};
    free->epoch = epoch;
    free->order = ++last_order_;
    free->match = assignment.match;
    free->country = assignment.client_country;
    free->leg_url = std::move(*url);
    free->udp_port = relays_.udp_port(assignment.relay_url, assignment.relay_udp_port);
    free->tls_pin = relays_.tls_pin(assignment.relay_url);
    free->has_link = true;
    enter(*free, State::Answering, now + kAnswerTimeout);
    out_.push_back(MakeAnswer{ref(*free), assignment.sdp, assignment.families, assignment.client_capabilities});
  }
  tell_free_slots();
}

void ProxyEngine::on_withdrawn(TimePoint now, const MatchId& match) {
  // Once the link is open the client itself is there, whatever a broker says.
  for (auto& slot : slots_)
    if (slot.match == match && (slot.state == State::Answering || slot.state == State::Linking))
      close(now, slot, PipeEnd::Setup, PipeEnd::Setup);
  tell_free_slots();
}

// Events from the link and the leg ---------------------------------------------------------------------------------

void ProxyEngine::on_answer_made(TimePoint now, SlotRef at, wire::Sdp answer) {
  auto* slot = current(at);
  if (slot == nullptr || slot->state != State::Answering) return;
  enter(*slot, State::Linking, now + kLinkTimeout);
  out_.push_back(SendAnswer{slot->match, std::move(answer)});
}

void ProxyEngine::on_answer_failed(TimePoint now, SlotRef at, AnswerFailure why) {
  auto* slot = current(at);
  if (slot == nullptr) return;
  slot->has_link = false;
  if (slot->state == State::Answering)
    give_up(now, *slot, why, OutcomeKind::Unknown, PipeEnd::Setup);
  else
    free_if_closed(*slot);
  tell_free_slots();
}

void ProxyEngine::on_link_open(TimePoint now, SlotRef at) {
  auto* slot = current(at);
  if (slot == nullptr || slot->state != State::Linking) return;
  slot->has_leg = true;
  enter(*slot, State::Dialling, now + kDialTimeout);
  out_.push_back(DialLeg{at, slot->leg_url, relays_.allows_private(), slot->udp_port, slot->tls_pin});
}

void ProxyEngine::on_link_closed(TimePoint now, SlotRef at, PipeEnd) {
  auto* slot = current(at);
  if (slot == nullptr) return;
  slot->has_link = false;
  if (slot->state == State::Closing)
    free_if_closed(*slot);
  else
    give_up(now, *slot, AnswerFailure::Gathering, OutcomeKind::LinkFailed, PipeEnd::Leg);
  tell_free_slots();
}

void ProxyEngine::on_leg_open(TimePoint, SlotRef at) {
  auto* slot = current(at);
  if (slot == nullptr || slot->state != State::Dialling) return;
  slot->state = State::Relaying;
  slot->deadline.reset();  // its pipes have deadlines of their own
  out_.push_back(Report{slot->match, OutcomeKind::Opened});
  out_.push_back(StartRelay{at});
}

void ProxyEngine::on_leg_closed(TimePoint now, SlotRef at, PipeEnd) {
  auto* slot = current(at);
  if (slot == nullptr || !slot->has_leg) return;
  slot->has_leg = false;
  if (slot->state == State::Closing)
    free_if_closed(*slot);
  else
    give_up(now, *slot, AnswerFailure::Unknown, OutcomeKind::DialFailed, PipeEnd::Leg);
  tell_free_slots();
}

// Time -------------------------------------------------------------------------------------------------------------

std::optional<ProxyEngine::Command> ProxyEngine::poll() {
  if (out_.empty()) return std::nullopt;
  auto command = std::move(out_.front());
  out_.pop_front();
  return command;
}

std::optional<TimePoint> ProxyEngine::deadline() const {
  std::optional<TimePoint> first;
  for (const auto& slot : slots_) first = earlier(first, earlier(earlier(slot.deadline, slot.drain_at), slot.tell_at));
  return first;
}

void ProxyEngine::on_deadline(TimePoint now) {
  for (auto& slot : slots_) {
    if (slot.deadline && *slot.deadline <= now) on_slot_deadline(now, slot);
    if (slot.drain_at && *slot.drain_at <= now) close(now, slot, PipeEnd::Local, PipeEnd::Local);
    if (slot.tell_at && *slot.tell_at <= now) tell_leaving(now, slot);
  }
  tell_free_slots();
}

void ProxyEngine::on_slot_deadline(TimePoint now, Slot& slot) {
  switch (slot.state) {
    case State::Free:
    case State::Relaying: FB_ASSERT(false);  // have no deadline
    case State::Answering:
    case State::Linking: return give_up(now, slot, AnswerFailure::Gathering, OutcomeKind::LinkTimeout, PipeEnd::Setup);
    case State::Dialling: return give_up(now, slot, AnswerFailure::Unknown, OutcomeKind::DialFailed, PipeEnd::Leg);
    case State::Closing: slot.has_link = slot.has_leg = false; return free_if_closed(slot);
  }
}

// States -----------------------------------------------------------------------------------------------------------

void ProxyEngine::enter(Slot& slot, State state, TimePoint until) {
  slot.state = state;
  slot.deadline = until;
}

// Ends a stay in any state, telling the broker what it does not know yet.
void ProxyEngine::give_up(TimePoint now, Slot& slot, AnswerFailure unanswered, OutcomeKind answered, PipeEnd why) {
  switch (slot.state) {
    case State::Free:
    case State::Closing: return;
    case State::Answering: out_.push_back(SendFailure{slot.match, unanswered}); break;
    case State::Linking:
    case State::Dialling: out_.push_back(Report{slot.match, answered}); break;
    case State::Relaying: break;  // its outcome was told when it opened
  }
  close(now, slot, why, why);
}

void ProxyEngine::close(TimePoint now, Slot& slot, PipeEnd link_why, PipeEnd leg_why) {
  if (slot.has_link) out_.push_back(CloseLink{ref(slot), link_why});
  if (slot.has_leg) out_.push_back(CloseLeg{ref(slot), leg_why});
  slot.drain_at.reset();
  slot.tell_at.reset();
  enter(slot, State::Closing, now + kCloseTimeout);
  free_if_closed(slot);
}

void ProxyEngine::free_if_closed(Slot& slot) {
  if (slot.state != State::Closing || slot.has_link || slot.has_leg) return;
  const auto epoch = slot.epoch;
  slot = Slot{};  // nothing of this client stays, neither its URL nor where it is
  slot.epoch = epoch;
}

// More clients than slots: those still connecting leave at once, the newest first; then the newest that relay get a
// while to move elsewhere. Fewer again: whoever was to leave may stay.
void ProxyEngine::choose_surplus(TimePoint now, Duration grace) {
  std::vector<Slot*> active;
  for (auto& slot : slots_)
    if (slot.state != State::Free && slot.state != State::Closing) active.push_back(&slot);
  const auto goes_before = [](const Slot* a, const Slot* b) {
    const bool a_relays = a->state == State::Relaying;
    const bool b_relays = b->state == State::Relaying;
    return a_relays != b_relays ? a_relays : a->order < b->order;
  };
  // By insertion: there are ten at most, and std::sort is 5 KiB of the browser's core.
  for (auto it = active.begin(); it != active.end(); ++it)
    std::rotate(std::upper_bound(active.begin(), it, *it, goes_before), it, it + 1);
  for (std::size_t i = 0; i < active.size(); ++i) {
    auto& slot = *active[i];
    if (i < wanted_) {
      slot.drain_at.reset();
      slot.tell_at.reset();
    } else if (slot.state != State::Relaying) {
      give_up(now, slot, AnswerFailure::Stopped, OutcomeKind::Stopped, PipeEnd::Local);
    } else {
      if (!slot.drain_at) tell_leaving(now, slot);
      slot.drain_at = earlier(slot.drain_at, now + grace);
    }
  }
}

void ProxyEngine::tell_leaving(TimePoint now, Slot& slot) {
  out_.push_back(TellLeaving{ref(slot), slot.match});
  slot.tell_at = now + kTellAgain;
}

void ProxyEngine::tell_free_slots() {
  const auto taken = busy();
  const auto free = static_cast<std::uint32_t>(wanted_ > taken ? wanted_ - taken : 0);
  const bool serves = wanted_ > 0;
  if (free == told_free_ && serves == told_serves_) return;
  told_free_ = free;
  told_serves_ = serves;
  out_.push_back(FreeSlots{free, serves});
}

ProxyEngine::Slot* ProxyEngine::current(SlotRef at) {
  FB_ASSERT(at.slot < kMaxSlots);
  auto& slot = slots_[at.slot];
  return slot.state != State::Free && slot.epoch == at.epoch ? &slot : nullptr;
}

SlotRef ProxyEngine::ref(const Slot& slot) const {
  return {static_cast<std::uint8_t>(&slot - slots_.data()), slot.epoch};
}

std::size_t ProxyEngine::busy() const {
  return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const Slot& s) { return s.state != State::Free; }));
}

std::size_t ProxyEngine::relaying() const {
  return static_cast<std::size_t>(std::ranges::count(slots_, State::Relaying, &Slot::state));
}

std::string_view name(ProxyEngine::State state) {
  switch (state) {
    case ProxyEngine::State::Free: return "free";
    case ProxyEngine::State::Answering: return "answering";
    case ProxyEngine::State::Linking: return "linking";
    case ProxyEngine::State::Dialling: return "dialling";
    case ProxyEngine::State::Relaying: return "relaying";
    case ProxyEngine::State::Closing: return "closing";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
