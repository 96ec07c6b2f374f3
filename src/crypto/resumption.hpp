// Resumption: what spares a later request its key agreement. A ticket holds a key per direction and whom they belong
// to, sealed under a key of the broker's own; the asker keeps the ticket and the same two keys. Spec 10 §6.
//
// A ticket is for one request. From its keys and what that request is bound to follow the keys that seal the request
// and its answer, and those of the next ticket; no key follows from a later one. Pure; may be used from any thread.
//
// Ticket: 24-byte nonce, then sealed: version 1 | role 1 | proxy id 32 | key to broker 32 | key to asker 32 | begun 8 |
// reserved 14 (random): kResumptionTicketBytes, whoever it is for.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/primitives.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::uint8_t kResumptionTicketVersion = 1;
inline constexpr std::size_t kResumptionTicketBytes = 160;  // SEAL-B5: one length for everybody

struct ResumptionKeys {
  SecretKey to_broker;
  SecretKey to_asker;
};

struct ResumptionTicket {
  std::optional<ProxyId> proxy;  // nullopt: nobody in particular
  ResumptionKeys keys;
  UnixSeconds begun{};  // when, by the broker's clock, the handshake was that all this follows from
};

Bytes seal_resumption_ticket(const ResumptionTicket& ticket, const SecretKey& key, Rng& rng);
// nullopt: not sealed under this key, changed, cut, or of another version.
std::optional<ResumptionTicket> open_resumption_ticket(ByteView sealed, const SecretKey& key);

// The keys of one resumed exchange, for one message each, and those of the ticket that its answer carries.
struct ExchangeKeys {
  SecretKey request;
  SecretKey response;
  ResumptionKeys next;
};
ExchangeKeys exchange_keys(const ResumptionKeys& keys, ByteView binding);

// The one message of such a key: RFC 8439 with a nonce of zeros.
Bytes seal_once(const SecretKey& key, ByteView plaintext);
std::optional<Bytes> open_once(const SecretKey& key, ByteView sealed);

}  // namespace footbridge::crypto
