#include "core/rendezvous/proxy_rendezvous.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

using wire::Refusal;

void ProxyRendezvous::set_free_slots(TimePoint now, std::uint32_t slots) {
  slots_ = std::min<std::uint32_t>(slots, wire::kMaxPollSlots);
  // Fewer slots than the parked poll says: an assignment too many is answered with Busy and goes elsewhere at once,
  // which costs the client less than a poll torn down while its assignment is on the way. None at all is different.
  if (slots_ == 0) close_parking();
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
  errand_.retry_at.reset();
  act(now);
}

void ProxyRendezvous::report(TimePoint now, const MatchId& match, wire::OutcomeKind kind) {
  if (outcomes_.size() >= kMaxQueuedOutcomes) outcomes_.pop_front();
  outcomes_.push_back({match, kind});
  act(now);
}

void ProxyRendezvous::wake(TimePoint now) {
  if (last_wake_ && now - *last_wake_ < kMinWakeGap) return;
  last_wake_ = now;
  close_parking();
  if (errand_.open) {
    out_.push_back(Abandon{errand_.id});
    put_back_errand();
  }
  for (auto* channel : {&parking_, &errand_}) {
    channel->backoff.reset();
    channel->retry_at.reset();
  }
  act(now);
}

void ProxyRendezvous::on_response(TimePoint now, std::uint64_t id, ByteView body) {
  auto* channel = channel_of(id);
  if (channel == nullptr) return;
  auto response = wire::parse_response(body);
  auto* reply = response ? std::get_if<wire::PollReply>(&response->body) : nullptr;
  const auto why = response ? response->refusal : Refusal::None;
  // What the broker can never read is not sent again.
  if (channel == &errand_ && (why == Refusal::Malformed || why == Refusal::Version)) forget_sent();
  // A parked poll that comes back at once with nothing must not be repeated at once: no hot loop, whoever answers.
  const bool empty = reply == nullptr || (reply->assignments.empty() && reply->withdrawn.empty());
  const bool hasty = channel == &parking_ && empty && now - channel->posted < kShortestHold;
  if (reply == nullptr || hasty || (why != Refusal::None && why != Refusal::Superseded)) {
    on_trouble(now, *channel, why, response ? response->retry_after : Millis{0});
  } else {
    channel->open = false;
    channel->backoff.reset();
    if (channel == &errand_) forget_sent();
  }
  if (reply != nullptr) take_reply(std::move(*reply));
  act(now);
}

void ProxyRendezvous::on_failed(TimePoint now, std::uint64_t id) {
  auto* channel = channel_of(id);
  if (channel == nullptr) return;
  on_trouble(now, *channel, Refusal::None, Millis{0});
  act(now);
}

std::optional<ProxyRendezvous::Output> ProxyRendezvous::poll() {
  if (out_.empty()) return std::nullopt;
  auto output = std::move(out_.front());
  out_.pop_front();
  return output;
}

std::optional<TimePoint> ProxyRendezvous::deadline() const {
  std::optional<TimePoint> first;
  if (parking_.open)
    first = parking_.give_up;
  else if (slots_ > 0)
    first = parking_.retry_at;
  if (errand_.open) return earlier(first, errand_.give_up);
  if (!answers_.empty() || !outcomes_.empty()) return earlier(first, errand_.retry_at);
  return first;
}

void ProxyRendezvous::on_deadline(TimePoint now) {
  for (auto* channel : {&parking_, &errand_})
    if (channel->open && channel->give_up <= now) {
      out_.push_back(Abandon{channel->id});
      on_trouble(now, *channel, Refusal::None, Millis{0});
    }
  act(now);
}

void ProxyRendezvous::act(TimePoint now) {
  forget_late_answers(now);
  const auto ready = [now](const Channel& channel) {
    return !channel.open && (!channel.retry_at || *channel.retry_at <= now);
  };
  if (ready(errand_) && (!answers_.empty() || !outcomes_.empty())) open_errand(now);
  if (ready(parking_) && slots_ > 0) open_parking(now);
}

void ProxyRendezvous::open_parking(TimePoint now) {
  auto poll = header();
  poll.slots = slots_;
  poll.wait = kHold;
  post(now, parking_, kResponseTimeout, poll);
}

void ProxyRendezvous::open_errand(TimePoint now) {
  auto poll = header();
  while (!answers_.empty() && poll.answers.size() < wire::kMaxAnswers) {
    poll.answers.push_back(answers_.front().answer);
    sent_answers_.push_back(std::move(answers_.front()));
    answers_.pop_front();
  }
  poll.outcomes.assign(outcomes_.begin(), outcomes_.end());
  sent_outcomes_ = poll.outcomes;
  outcomes_.clear();
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
  return poll;
}

void ProxyRendezvous::post(TimePoint now, Channel& channel, Duration patience, const wire::Poll& poll) {
  channel.open = true;
  channel.id = ++last_id_;
  channel.posted = now;
  channel.give_up = now + patience;
  channel.retry_at.reset();
  out_.push_back(Post{channel.id, wire::encode_request({.body = poll}, rng_)});
}

void ProxyRendezvous::close_parking() {
  if (!parking_.open) return;
  parking_.open = false;
  out_.push_back(Abandon{parking_.id});
}

void ProxyRendezvous::on_trouble(TimePoint now, Channel& channel, Refusal why, Millis at_least) {
  channel.open = false;
  channel.retry_at = now + channel.backoff.next(rng_, at_least);
  if (&channel == &errand_) return put_back_errand();
  out_.push_back(Waiting{why, *channel.retry_at});
}

// What the failed errand carried goes first again. If it did arrive, the broker finds nothing new in it.
void ProxyRendezvous::put_back_errand() {
  errand_.open = false;
  answers_.insert(answers_.begin(), std::make_move_iterator(sent_answers_.begin()),
                  std::make_move_iterator(sent_answers_.end()));
  outcomes_.insert(outcomes_.begin(), sent_outcomes_.begin(), sent_outcomes_.end());
  while (outcomes_.size() > kMaxQueuedOutcomes) outcomes_.pop_front();
  forget_sent();
}

void ProxyRendezvous::forget_sent() {
  sent_answers_.clear();
  sent_outcomes_.clear();
}

void ProxyRendezvous::forget_late_answers(TimePoint now) {
  std::erase_if(answers_, [now](const QueuedAnswer& queued) { return queued.until <= now; });
}

void ProxyRendezvous::take_reply(wire::PollReply reply) {
  // Sold slots are not announced again, even before the engine says what is free now.
  slots_ -= std::min<std::uint32_t>(slots_, static_cast<std::uint32_t>(reply.assignments.size()));
  for (const auto& match : reply.withdrawn) out_.push_back(Withdrawn{match});
  for (auto& assignment : reply.assignments) out_.push_back(Assigned{std::move(assignment)});
}

ProxyRendezvous::Channel* ProxyRendezvous::channel_of(std::uint64_t id) {
  for (auto* channel : {&parking_, &errand_})
    if (channel->open && channel->id == id) return channel;
  return nullptr;
}

}  // namespace footbridge::core
