// RequestChannel: one request to the broker at a time, as both sides of the rendezvous need it. It is posted, then
// answered, abandoned or given up; after trouble the next one waits for a jittered moment that grows with each trouble.
// The client's search is one channel; a proxy has two, its parked poll and its errands.
//
//   Quiet ──post──▶ Open ──answered, abandon──▶ Quiet
//                    │ ▲
//       back_off     ▼ │ post
//                 BackingOff ──stop_waiting──▶ Quiet
//
// Ids are the owner's, unique among all its channels. Pure; time and randomness are arguments. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/backoff.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// What a rendezvous wants of the shell that carries its requests, and tells the one who waits for it.
struct PostRequest {  // send this body; report under this id
  std::uint64_t id = 0;
  Bytes body;
};
struct AbandonRequest {  // the request `id` is of no use any more: close it, report nothing
  std::uint64_t id = 0;
  bool silent = false;  // nobody answered in time: the way that it took leads nowhere
};
struct RendezvousWaits {  // refused, or failed (None); asking again at `retry_at`
  wire::Refusal why = wire::Refusal::None;
  TimePoint retry_at{};
  bool silent = false;   // nobody answered in time
  bool strange = false;  // what answered is no broker
  std::uint64_t id = 0;  // the request that this is about
};

class RequestChannel {
 public:
  // CRV-T1: what the broker may hold an offer or a poll; below the 30 s at which some fronts cut a silent request.
  static constexpr Seconds kHold{25};
  // CRV-T2: after this long without a response the request is given up; a front and a slow handshake fit in.
  static constexpr Seconds kResponseTimeout{kHold + Seconds{10}};
  // CRV-T3: a network that flaps must not turn wake-ups into a flood.
  static constexpr Seconds kMinWakeGap{1};
  // CRV-T4: what answers and proves nothing may be a broker that has just begun: it takes nobody who asks first, for
  // SEAL-T3, and tells nobody so. So long after the first such answer it is asked again each CRV-T5, jittered.
  static constexpr Seconds kBeginning{12};
  static constexpr Seconds kSoon{2};  // CRV-T5: the wait for a broker that has just begun, and not much of a flood

  enum class State : std::uint8_t { Quiet, Open, BackingOff };
  State state() const { return state_; }
  bool open() const { return state_ == State::Open; }
  // Is `id` the request that is open? Whatever is reported for another one comes too late.
  bool carries(std::uint64_t id) const { return open() && id == id_; }
  TimePoint posted_at() const { return posted_at_; }  // of the last request
  // Nothing is open, and no wait lasts.
  bool ready(TimePoint now) const { return !open() && (state_ == State::Quiet || retry_at_ <= now); }
  // Open: when to give up. BackingOff: when to ask again.
  std::optional<TimePoint> deadline() const;

  // `body`: of wire::encode_request(). Not while one is open.
  PostRequest post(TimePoint now, std::uint64_t id, Duration patience, Bytes body);
  void answered();  // as it should be: the next trouble is the first again
  // As it should be, but anybody can answer so soon: earlier troubles are not over.
  void answered_soon();
  // nullopt: there was none.
  std::optional<AbandonRequest> abandon();
  // Its time is over. Only while one is open.
  AbandonRequest give_up();
  // Refused, failed or given up; never asks again sooner than the broker wants.
  RendezvousWaits back_off(TimePoint now, wire::Refusal why, Millis at_least, Rng& rng);
  // What answered did not prove to be the broker.
  RendezvousWaits back_off_unproven(TimePoint now, Rng& rng);
  void stop_waiting();
  // The network changed or the machine woke up: what went wrong before says nothing any more.
  void forget_troubles();

 private:
  State state_ = State::Quiet;
  std::uint64_t id_ = 0;
  TimePoint posted_at_{};
  TimePoint give_up_at_{};                   // while Open
  TimePoint retry_at_{};                     // while BackingOff
  std::optional<TimePoint> unproven_since_;  // of the troubles that are not over
  Backoff backoff_;
};

// Lets one wake-up of a device through in each kMinWakeGap.
class WakeGate {
 public:
  bool pass(TimePoint now) {
    if (last_ && now - *last_ < RequestChannel::kMinWakeGap) return false;
    last_ = now;
    return true;
  }

 private:
  std::optional<TimePoint> last_;
};

}  // namespace footbridge::core
