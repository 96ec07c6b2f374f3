#include "core/nat/stun_question.hpp"

namespace footbridge::core {

StunQuestion::StunQuestion(TimePoint now, NatSocket socket, const Endpoint& to, wire::StunChange change,
                           const Endpoint& answerer, Rng& rng)
    : socket_(socket),
      to_(to),
      change_(change),
      answerer_(answerer),
      transaction_(rng.array<wire::kStunTransactionBytes>()),
      next_at_(now) {}

std::optional<Bytes> StunQuestion::poll(TimePoint now) {
  if (over() || tries_ == kStunTries || now < next_at_) return std::nullopt;
  ++tries_;
  next_at_ = now + (tries_ == kStunTries ? kStunLastWait : kStunTryInterval);
  return wire::encode_stun_question(transaction_, change_);
}

bool StunQuestion::on_answer(NatSocket socket, const Endpoint& from, const wire::StunAnswer& answer) {
  if (socket != socket_ || answer.transaction != transaction_ || over()) return false;
  if (from != answerer_ && from != to_) return false;
  // Answered from where we asked although it was to be from elsewhere: this server does not know the request.
  refused_ = answer.refused || from != answerer_;
  if (!refused_) answer_ = answer;
  return true;
}

void StunQuestion::on_deadline(TimePoint now) {
  if (!over() && tries_ == kStunTries && now >= next_at_) given_up_ = true;
}

std::optional<TimePoint> StunQuestion::deadline() const { return over() ? std::nullopt : std::optional(next_at_); }

}  // namespace footbridge::core
