// Consent to send on the chosen pair (RFC 7675): asks the other side at random intervals whether it still wants our
// datagrams, answers when it asks the same, and says when it has been silent too long. ICE (libnice) has found the pair
// and no longer hears what arrives on it; this is all the STUN a pair needs from then on.
//
//   Fresh ──kConsentLimit since the last answer, and kConsentQuestions asked in vain──▶ lost()
//
// Threads: one at a time. No I/O and no clock inside: the owner carries messages and calls poll() every now and then.
// Errors: whatever is not authentic, not Binding or not an answer to a question of ours is dropped without a word.
// Bounds: kConsentQuestions transactions remembered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "transport/webrtc/stun_integrity.hpp"
#include "wire/stun.hpp"

namespace footbridge::webrtc {

inline constexpr Millis kConsentIntervalMin{4'000};  // RFC 7675 §5.1: 5 s, ± 20 %, so that links do not beat in step
inline constexpr Millis kConsentIntervalMax{6'000};
inline constexpr Millis kConsentRetry{
    500};  // an unanswered question is asked again (as a new one), as RFC 8489 retransmits
inline constexpr Millis kConsentLimit{10'000};  // stricter than the RFC's 30 s: the session waits for another path
// Not less: after a pause of this process the other side must get its chance to answer.
inline constexpr std::size_t kConsentQuestions = 3;

struct ConsentTerms {
  IceCredentials local;
  IceCredentials remote;
  bool controlling = false;
  Private<Endpoint> other_side;
};

class Consent {
 public:
  // ICE's checks of the pair count as the first answer, so `now` is when they succeeded.
  Consent(ConsentTerms terms, Rng& rng, TimePoint now);

  // A STUN message that arrived on the pair; what to answer, if anything.
  std::optional<Bytes> on_message(TimePoint now, ByteView message);
  // The question that is due, if one is.
  std::optional<Bytes> poll(TimePoint now);
  // Of the last question that was answered and needed no repetition.
  std::optional<Duration> round_trip() const { return round_trip_; }
  bool lost(TimePoint now) const { return now - answered_at_ >= kConsentLimit && unanswered_ >= kConsentQuestions; }

 private:
  Bytes question();
  void on_answer(TimePoint now, const wire::StunTransaction& transaction);

  ConsentTerms terms_;
  Rng& rng_;
  std::string asking_name_;  // USERNAME of our questions
  std::string asked_name_;   // and of theirs
  std::uint64_t tie_breaker_;
  TimePoint answered_at_;
  TimePoint asked_at_{};
  std::optional<Duration> round_trip_;
  TimePoint ask_at_;
  std::size_t unanswered_ = 0;  // questions since the last answer
  std::array<wire::StunTransaction, kConsentQuestions> asked_{};
};

}  // namespace footbridge::webrtc
