#include "core/rendezvous/request_channel.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

std::optional<TimePoint> RequestChannel::deadline() const {
  switch (state_) {
    case State::Quiet: return std::nullopt;
    case State::Open: return give_up_at_;
    case State::BackingOff: return retry_at_;
  }
  FB_ASSERT(false);
}

PostRequest RequestChannel::post(TimePoint now, std::uint64_t id, Duration patience, Bytes body) {
  FB_ASSERT(!open());
  state_ = State::Open;
  id_ = id;
  posted_at_ = now;
  give_up_at_ = now + patience;
  return {id, std::move(body)};
}

void RequestChannel::answered() {
  answered_soon();
  forget_troubles();
}

void RequestChannel::answered_soon() {
  FB_ASSERT(open());
  state_ = State::Quiet;
}

std::optional<AbandonRequest> RequestChannel::abandon() {
  if (!open()) return std::nullopt;
  state_ = State::Quiet;
  return AbandonRequest{id_};
}

AbandonRequest RequestChannel::give_up() {
  FB_ASSERT(open());
  state_ = State::Quiet;
  return {id_, true};
}

RendezvousWaits RequestChannel::back_off(TimePoint now, wire::Refusal why, Millis at_least, Rng& rng) {
  state_ = State::BackingOff;
  retry_at_ = now + backoff_.next(rng, at_least);
  return {.why = why, .retry_at = retry_at_, .id = id_};
}

RendezvousWaits RequestChannel::back_off_unproven(TimePoint now, Rng& rng) {
  if (!unproven_since_) unproven_since_ = now;
  if (now - *unproven_since_ >= kBeginning) return back_off(now, wire::Refusal::None, Millis{0}, rng);
  state_ = State::BackingOff;
  retry_at_ = now + Backoff::around(rng, kSoon);
  return {.why = wire::Refusal::None, .retry_at = retry_at_, .id = id_};
}

void RequestChannel::stop_waiting() {
  if (state_ == State::BackingOff) state_ = State::Quiet;
}

void RequestChannel::forget_troubles() {
  stop_waiting();
  backoff_.reset();
  unproven_since_.reset();
}

}  // namespace footbridge::core
