#include "transport/webrtc/consent.hpp"

#include <algorithm>

namespace footbridge::webrtc {
namespace {

// RFC 8445 §5.1.2.1 for a peer-reflexive candidate, what a check asks to be taken for.
constexpr std::uint32_t kPriority = 110U << 24 | 65'535U << 8 | 255U;

std::string name_of(const IceCredentials& asked, const IceCredentials& asking) {
  return asked.ufrag.reveal_to_socket() + ":" + asking.ufrag.reveal_to_socket();
}

Duration interval(Rng& rng) {
  return Millis(rng.between(static_cast<std::uint64_t>(kConsentIntervalMin.count()),
                            static_cast<std::uint64_t>(kConsentIntervalMax.count())));
}

}  // namespace

Consent::Consent(ConsentTerms terms, Rng& rng, TimePoint now)
    : terms_(std::move(terms)),
      rng_(rng),
      asking_name_(name_of(terms_.remote, terms_.local)),
      asked_name_(name_of(terms_.local, terms_.remote)),
      tie_breaker_(rng.next_u64()),
      answered_at_(now),
      ask_at_(now + interval(rng)) {}

std::optional<Bytes> Consent::on_message(TimePoint now, ByteView message) {
  const auto parsed = wire::parse_stun(message);
  if (!parsed) return std::nullopt;
  if (parsed->kind == wire::StunKind::Success && is_authentic(*parsed, message, terms_.remote.pwd))
    on_answer(now, parsed->transaction);
  if (parsed->kind != wire::StunKind::Request || parsed->username != asked_name_ ||
      !is_authentic(*parsed, message, terms_.local.pwd))
    return std::nullopt;
  auto answer = wire::encode_stun_success(parsed->transaction, terms_.other_side.reveal_to_socket());
  seal(answer, terms_.local.pwd);
  return answer;
}

void Consent::on_answer(TimePoint now, const wire::StunTransaction& transaction) {
  const auto remembered = std::min(unanswered_, asked_.size());
  const auto last = asked_.begin() + static_cast<std::ptrdiff_t>(remembered);
  if (std::find(asked_.begin(), last, transaction) == last) return;
  if (unanswered_ == 1) round_trip_ = now - asked_at_;
  unanswered_ = 0;
  answered_at_ = now;
  ask_at_ = now + interval(rng_);
}

std::optional<Bytes> Consent::poll(TimePoint now) {
  if (now < ask_at_) return std::nullopt;
  ask_at_ = now + kConsentRetry;
  asked_at_ = now;
  return question();
}

Bytes Consent::question() {
  const auto transaction = rng_.array<wire::kStunTransactionBytes>();
  asked_[unanswered_++ % asked_.size()] = transaction;
  auto out = wire::encode_stun_request({transaction, asking_name_, kPriority, terms_.controlling, tie_breaker_});
  seal(out, terms_.remote.pwd);
  return out;
}

}  // namespace footbridge::webrtc
