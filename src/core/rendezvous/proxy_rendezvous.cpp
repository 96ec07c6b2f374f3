#include "core/rendezvous/proxy_rendezvous.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

using wire::Refusal;

namespace {

template <class T>
void put_first(std::vector<T>& first, Ring<T>& queue) {
  Ring<T> out;
  for (auto& each : first) out.push_back(std::move(each));
  for (; !queue.empty(); queue.pop_front()) out.push_back(std::move(queue.front()));
  queue = std::move(out);
}

}  // namespace

void ProxyRendezvous::set_free_slots(TimePoint now, std::uint32_t slots, bool serves) {
  slots_ = std::min<std::uint32_t>(slots, wire::kMaxPollSlots);
  serves_ = serves;
  // Fewer slots than the parked poll says: an assignment too many is answered with Busy and goes elsewhere at once,
  // which costs the client less than a poll torn down while its assignment is on the way. None at all is different,
  // and so are some where the parked poll has none.
  if ((slots_ == 0) != (parked_slots_ == 0) || !parks()) close_parking();
  if (!parks()) is_known_ = false;
  act(now);
}

void ProxyRendezvous::answer(TimePoint now, const MatchId& match, wire::Sdp sdp) {
  // An SDP that no message carries is a failure to answer.
  const auto bytes = sdp.reveal_to_socket().size();
  if (bytes == 0 || bytes > wire::kMaxSdpBytes) return fail(now, match, wire::AnswerFailure::Gathering);
  queue_answer(now, {match, std::move(sdp)});
}

void ProxyRendezvous::fail(TimePoint now, const MatchId& match, wire::AnswerFailure why) {
  queue_answer(now, {match, why});
}

void ProxyRendezvous::queue_answer(TimePoint now, wire::Answer answer) {
  if (answers_.size() >= kMaxQueuedAnswers) answers_.pop_front();  // its client has another proxy by now
  answers_.push_back({std::move(answer), now + kAnswerTtl});
  errand_.stop_waiting();
  act(now);
}

void ProxyRendezvous::report(TimePoint now, const MatchId& match, wire::OutcomeKind kind) {
  if (outcomes_.size() >= kMaxQueuedOutcomes) outcomes_.pop_front();
  outcomes_.push_back({{match, kind}, now + kOutcomeTtl});
  act(now);
}

void ProxyRendezvous::wake(TimePoint now) {
  if (!wakes_.pass(now)) return;
  close_parking();
  if (const auto gone = errand_.abandon()) {
    out_.push_back(*gone);
    put_back_errand();
  }
  parking_.forget_troubles();
  errand_.forget_troubles();
  act(now);
}

void ProxyRendezvous::set_nat(TimePoint now, wire::Nat nat) {
  if (std::exchange(config_.nat, nat) == nat) return;
  close_parking();
  act(now);
}

void ProxyRendezvous::on_response(TimePoint now, std::uint64_t id, ByteView body) {
  auto* channel = channel_of(id);
  if (channel == nullptr) return;
  auto response = wire::parse_poll_response(body);
  auto* reply = response ? std::get_if<wire::PollReply>(&response->body) : nullptr;
  const auto why = response ? response->refusal : Refusal::None;
  // What the broker can never read is not sent again.
  if (channel == &errand_ && (why == Refusal::Malformed || why == Refusal::Version)) forget_sent();
  // A parked poll that comes back at once with nothing must not be repeated at once: no hot loop, whoever answers.
  const bool empty = reply == nullptr || (reply->assignments.empty() && reply->withdrawn.empty());
  const bool soon = channel == &parking_ && empty && now - channel->posted_at() < kShortestHold;
  const bool hasty = soon && reply != nullptr && hold() >= kShortestHold;
  if (reply == nullptr || hasty || (why != Refusal::None && why != Refusal::Superseded)) {
    on_trouble(now, *channel,
               {.why = why,
                .at_least = response ? response->retry_after : Millis{0},
                .strange = reply == nullptr && why == Refusal::None,
                .hasty = hasty && why == Refusal::None});
  } else {
    if (soon)
      channel->answered_soon();
    else
      channel->answered();
    if (channel == &errand_) forget_sent();
    if (channel == &parking_) is_known_ = true;
  }
  if (reply != nullptr) take_reply(std::move(*reply));
  act(now);
}

void ProxyRendezvous::on_failed(TimePoint now, std::uint64_t id, bool unproven) {
  auto* channel = channel_of(id);
  if (channel == nullptr) return;
  on_trouble(now, *channel, {.unproven = unproven});
  act(now);
}

std::optional<ProxyRendezvous::Output> ProxyRendezvous::poll() {
  if (out_.empty()) return std::nullopt;
  auto output = std::move(out_.front());
  out_.pop_front();
  return output;
}

std::optional<TimePoint> ProxyRendezvous::deadline() const {
  // A wait counts only while there is something to say after it.
  std::optional<TimePoint> first;
  if (parking_.open() || parks()) first = parking_.deadline();
  if (errand_.open() || !answers_.empty() || !outcomes_.empty()) first = earlier(first, errand_.deadline());
  return first;
}

void ProxyRendezvous::on_deadline(TimePoint now) {
  for (auto* channel : {&parking_, &errand_})
    if (channel->open() && *channel->deadline() <= now) {
      out_.push_back(channel->give_up());
      on_trouble(now, *channel, {.silent = true});
    }
  act(now);
}

void ProxyRendezvous::act(TimePoint now) {
  forget_late(now);
  if (errand_.ready(now) && (!answers_.empty() || !outcomes_.empty())) open_errand(now);
  if (parking_.ready(now) && parks()) open_parking(now);
}

void ProxyRendezvous::open_parking(TimePoint now) {
  auto poll = header();
  poll.slots = parked_slots_ = slots_;
  poll.wait = hold();
  post(now, parking_, RequestChannel::kResponseTimeout, poll);
}

void ProxyRendezvous::open_errand(TimePoint now) {
  auto poll = header();
  while (!answers_.empty() && poll.answers.size() < wire::kMaxAnswers) {
    poll.answers.push_back(answers_.front().answer);
    sent_answers_.push_back(std::move(answers_.front()));
    answers_.pop_front();
  }
  for (; !outcomes_.empty(); outcomes_.pop_front()) {
    poll.outcomes.push_back(outcomes_.front().outcome);
    sent_outcomes_.push_back(outcomes_.front());
  }
  post(now, errand_, kErrandTimeout, poll);
}

wire::Poll ProxyRendezvous::header() const {
  wire::Poll poll;
  poll.proxy = config_.proxy;
  poll.self_tag = config_.self_tag;
  poll.capabilities = config_.capabilities;
  poll.nat = config_.nat;
  poll.families = config_.families;
  poll.compartments = config_.compartments;
  poll.form = config_.form;
  poll.invite = config_.invite;
  poll.announcing = config_.announcing;
  poll.port_mapped = port_mapped_;
  poll.was_warned = config_.was_warned;
  return poll;
}

void ProxyRendezvous::post(TimePoint now, RequestChannel& channel, Duration patience, const wire::Poll& poll) {
  out_.push_back(channel.post(now, ++last_id_, patience, wire::encode_request(poll, rng_)));
}

void ProxyRendezvous::close_parking() {
  if (const auto gone = parking_.abandon()) out_.push_back(*gone);
}

void ProxyRendezvous::on_trouble(TimePoint now, RequestChannel& channel, Trouble trouble) {
  auto waiting = trouble.unproven ? channel.back_off_unproven(now, rng_)
                                  : channel.back_off(now, trouble.why, trouble.at_least, rng_);
  waiting.silent = trouble.silent;
  waiting.strange = trouble.strange;
  if (&channel == &errand_) return put_back_errand();
  is_known_ = trouble.hasty;
  out_.push_back(waiting);
}

// What the failed errand carried goes first again. If it did arrive, the broker finds nothing new in it. Nobody goes on
// asking a broker for a person who has switched off.
void ProxyRendezvous::put_back_errand() {
  if (!parks()) return forget_sent();
  put_first(sent_answers_, answers_);
  put_first(sent_outcomes_, outcomes_);
  while (outcomes_.size() > kMaxQueuedOutcomes) outcomes_.pop_front();
  forget_sent();
}

void ProxyRendezvous::forget_sent() {
  sent_answers_.clear();
  sent_outcomes_.clear();
}

void ProxyRendezvous::forget_late(TimePoint now) {
  const auto is_late = [now](const auto& queued) { return queued.until <= now; };
  answers_.erase_if(is_late);
  outcomes_.erase_if(is_late);
}

void ProxyRendezvous::take_reply(wire::PollReply reply) {
  // Sold slots are not announced again, even before the engine says what is free now.
  slots_ -= std::min<std::uint32_t>(slots_, static_cast<std::uint32_t>(reply.assignments.size()));
  for (const auto& match : reply.withdrawn) out_.push_back(Withdrawn{match});
  for (auto& assignment : reply.assignments) out_.push_back(Assigned{std::move(assignment)});
}

RequestChannel* ProxyRendezvous::channel_of(std::uint64_t id) {
  for (auto* channel : {&parking_, &errand_})
    if (channel->carries(id)) return channel;
  return nullptr;
}

}  // namespace footbridge::core
