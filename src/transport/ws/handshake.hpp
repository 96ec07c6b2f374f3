// The opening handshake of a relay leg (RFC 6455 §4), both sides: TLS for wss://, HTTP by Beast, and then the socket is
// the Leg's.
// Heads ≤ 8 KiB, the whole handshake ≤ 10 s, no extension and no sub-protocol is offered or accepted.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/connector.hpp"
#include "io/http_upgrade.hpp"
#include "io/tls_client.hpp"
#include "transport/ws/leg.hpp"
#include "wire/url.hpp"

namespace footbridge::ws {

inline constexpr Seconds kHandshakeLimit{10};                // LEG-T1
inline constexpr std::size_t kMaxHandshakeHeadBytes = 8192;  // LEG-B6

enum class DialErrc : std::uint8_t {
  BadScheme = 1,  // not ws:// (http:// is refused, too)
  Untrusting,     // wss://, and nobody said whom to trust
  Unproven,       // the server's certificate is not one for this name that we trust
  Policy,         // the address is refused; nothing was sent
  Unresolved,     // the host has no address, or name servers failed
  Refused,        // TCP said no
  Unreachable,
  TimedOut,     // connect or handshake took longer than the limit
  NotAccepted,  // the server answered something else than a correct 101: wrong URL, spent token, not a relay
  Lost,         // the connection broke during the handshake
};
std::string_view name(DialErrc error);

// Opens a leg to `url`. Cancelling ends it at once. `connector` decides which addresses may be dialled.
// `trust` is for wss://, `pin` as in io::TlsClient. connector, trust and rng must outlive the coroutine, rng also the
// leg.
asio::awaitable<Result<std::unique_ptr<Leg>, DialErrc>> dial(io::Connector& connector, wire::Url url, Rng& rng,
                                                             Duration limit = kHandshakeLimit,
                                                             io::TlsClient* trust = nullptr,
                                                             std::optional<wire::SpkiSha256> pin = std::nullopt);

// Is this a complete, correct request for a leg? False: answer the decoy.
bool is_leg_request(const io::HttpHead& head);

// Answers 101 and gives the leg; nullptr: the connection broke or took longer than the limit.
// The upgrade's head must satisfy is_leg_request().
asio::awaitable<std::unique_ptr<Leg>> accept(io::HttpUpgrade upgrade, Rng& rng, Duration limit = kHandshakeLimit);

}  // namespace footbridge::ws
