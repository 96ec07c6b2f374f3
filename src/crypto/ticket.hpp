// The ticket: what a broker tells an egress about one match, carried by its client, who cannot read or alter it.
// Without one an egress relays nothing. Wire format and reasons: docs/spec/12-tickets.md §6.1. That it counts once, and
// only on the leg of its own match, is core's LegTokenGuard.
//
// Layout: 24-byte nonce, then version 1 | match 16 | proxy mark 16 | country 2 | prefix class 1 | boot epoch 8 | expiry
// 8 | reserved 68 (random), sealed: 160 bytes, always.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/country.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/secret_key.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::crypto {

inline constexpr std::uint8_t kTicketVersion = 1;
inline constexpr std::size_t kTicketBytes = 160;  // TKT-B1: as in wire/rendezvous.hpp
// TKT-T1: the answer's way back, a link (20 s), the proxy's dial (10 s) and the handshake (10 s), doubled and more.
inline constexpr std::uint64_t kTicketLifetimeSeconds = 120;
// TKT-T2: as for leg tokens.
inline constexpr std::uint64_t kTicketSkewSeconds = 10;

// How the broker saw the client's network: no more than an egress may know. Others read as Unknown.
enum class PrefixClass : std::uint8_t { Unknown, V4, V6 };

struct Ticket {
  MatchId match;
  wire::ProxyMark proxy;
  Country country;  // of the client, as the broker saw it
  PrefixClass prefix = PrefixClass::Unknown;
  wire::BootEpoch boot;  // that the broker heard of last; all zero: none
  UnixSeconds expiry{};  // at most kTicketLifetimeSeconds after it was made
};

enum class TicketErrc : std::uint8_t {
  Forged,       // not a ticket of ours: relay nothing
  Version,      // of a newer broker: the same, and count it
  Expired,      // the client needs a new match
  TooFarAhead,  // from the future: the clocks disagree; the same
};

wire::ProxyMark proxy_mark(const ProxyId& proxy);

// Under ticket_key().
Bytes seal_ticket(const Ticket& ticket, const SecretKey& key, Rng& rng);
// Tries each key (the current one and its predecessor); `unix_now` is the egress's clock.
Result<Ticket, TicketErrc> open_ticket(ByteView sealed, std::span<const SecretKey> keys, UnixSeconds unix_now);

}  // namespace footbridge::crypto
