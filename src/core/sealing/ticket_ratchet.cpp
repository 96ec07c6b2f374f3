#include "core/sealing/ticket_ratchet.hpp"

#include <algorithm>
#include <string_view>

#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

constexpr std::string_view kLabel = "footbridge ticket ratchet";

std::uint64_t step_of(UnixSeconds at) { return count(at) / static_cast<std::uint64_t>(TicketRatchet::kStep.count()); }

crypto::SecretKey next(const crypto::SecretKey& key) {
  return crypto::SecretKey::made_by(
      [&](ByteSpan out) { crypto::blake2b(out, as_bytes(kLabel), key.reveal_to_primitive()); });
}

}  // namespace

TicketRatchet::TicketRatchet(UnixSeconds now, Rng& rng)
    : step_(step_of(now)), newest_(crypto::SecretKey::random(rng)) {}

void TicketRatchet::advance(UnixSeconds now) {
  const auto step = step_of(now);
  if (step <= step_) return;
  for (auto left = std::min(step - step_, kMaxStepsAtOnce); left > 0; --left) {
    previous_ = newest_;
    newest_ = next(newest_);
  }
  step_ = step;
}

Bytes TicketRatchet::seal(const crypto::ResumptionTicket& ticket, Rng& rng) const {
  return crypto::seal_resumption_ticket(ticket, newest_, rng);
}

std::optional<crypto::ResumptionTicket> TicketRatchet::open(ByteView sealed) const {
  if (auto ticket = crypto::open_resumption_ticket(sealed, newest_)) return ticket;
  return previous_ ? crypto::open_resumption_ticket(sealed, *previous_) : std::nullopt;
}

}  // namespace footbridge::core
