#include "core/sealing/sealed_asker.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

using crypto::kResumptionTicketBytes;
using crypto::RequestKind;
using crypto::noise::Handshake;
using crypto::noise::Pattern;
using crypto::noise::Role;

namespace {

// Sums that stay where they are at the ends of the number line: clocks and offsets come from outside.
UnixSeconds shifted(UnixSeconds clock, Seconds offset) {
  const auto by = offset.count();
  if (by >= 0) return UnixSeconds{count(clock) + static_cast<std::uint64_t>(by)};
  const auto back = std::uint64_t{0} - static_cast<std::uint64_t>(by);
  return UnixSeconds{count(clock) > back ? count(clock) - back : 0};
}

}  // namespace

SealedAsker::SealedAsker(const crypto::SecretKey& obfuscation_secret, const crypto::X25519PublicKey& broker,
                         std::optional<crypto::X25519KeyPair> proxy)
    : envelope_(obfuscation_secret), broker_(broker), proxy_(std::move(proxy)) {}

Result<SealedAsker::Sealed, SealErrc> SealedAsker::seal(UnixSeconds clock, Seconds offset, ByteView body, Rng& rng) {
  FB_ASSERT(body.size() <= kMaxSealedBodyBytes);
  crypto::RequestHeader header{RequestKind::Resumed, shifted(clock, offset), rng.array<crypto::kAeadNonceBytes>()};
  if (const auto ticket = take_ticket(clock)) {
    auto keys = crypto::exchange_keys(ticket->keys, crypto::binding(header));
    auto message = ticket->sealed;
    append(message, crypto::seal_once(keys.request, body));
    return Sealed{envelope_.seal_request(header, message, rng), AnswerSeal(header.nonce, std::move(keys))};
  }
  header.kind = proxy_ ? RequestKind::Proxy : RequestKind::Client;
  Handshake handshake(proxy_ ? Pattern::IK : Pattern::NK, Role::Initiator, crypto::binding(header), {proxy_, broker_});
  const auto message = handshake.write(body, rng);
  if (!message) return SealErrc::Refused;
  return Sealed{envelope_.seal_request(header, *message, rng), AnswerSeal(header.nonce, std::move(handshake))};
}

Result<Bytes, SealErrc> SealedAsker::open(UnixSeconds clock, AnswerSeal answer, ByteView bytes) {
  const auto message = envelope_.open_response(answer.request_, bytes);
  std::optional<Bytes> body;
  auto* handshake = std::get_if<Handshake>(&answer.how_);
  if (message && handshake != nullptr) body = open_handshake(clock, *handshake, *message);
  if (message && handshake == nullptr)
    body = open_resumed(clock, std::get<crypto::ExchangeKeys>(answer.how_), *message);
  if (body) return std::move(*body);
  // Who does not take one ticket of ours takes no other: the broker's keys for them are gone.
  if (handshake == nullptr) tickets_.clear();
  return SealErrc::Refused;
}

std::optional<Bytes> SealedAsker::open_handshake(UnixSeconds clock, Handshake& handshake, ByteView message) {
  if (message.size() < kSealedTicketBytes) return std::nullopt;
  auto body = handshake.read(message.first(message.size() - kSealedTicketBytes));
  if (!body) return std::nullopt;
  auto transport = handshake.split();
  const auto ticket = transport.read(message.last(kSealedTicketBytes));
  if (!ticket) return std::nullopt;
  const auto keys = transport.derive(kResumptionLabel);
  keep_ticket(clock, *ticket, {keys.sending, keys.receiving});
  return std::move(*body);
}

std::optional<Bytes> SealedAsker::open_resumed(UnixSeconds clock, const crypto::ExchangeKeys& keys, ByteView message) {
  const auto plain = crypto::open_once(keys.response, message);
  if (!plain || plain->empty()) return std::nullopt;
  auto rest = ByteView(*plain).subspan(1);
  if (plain->front() == std::byte{0}) return to_bytes(rest);
  if (plain->front() != std::byte{1} || rest.size() < kResumptionTicketBytes) return std::nullopt;
  keep_ticket(clock, rest.first(kResumptionTicketBytes), keys.next);
  return to_bytes(rest.subspan(kResumptionTicketBytes));
}

std::optional<SealedAsker::Ticket> SealedAsker::take_ticket(UnixSeconds clock) {
  const auto is_old = [&](const Ticket& ticket) {
    return count(clock) < count(ticket.got) ||
           count(clock) - count(ticket.got) >= static_cast<std::uint64_t>(kTicketLife.count());
  };
  std::erase_if(tickets_, is_old);
  if (tickets_.empty()) return std::nullopt;
  auto newest = std::move(tickets_.back());
  tickets_.pop_back();
  return newest;
}

void SealedAsker::keep_ticket(UnixSeconds clock, ByteView sealed, const crypto::ResumptionKeys& keys) {
  if (tickets_.size() == kMaxTickets) tickets_.erase(tickets_.begin());
  tickets_.push_back({to_bytes(sealed), keys, clock});
}

}  // namespace footbridge::core
