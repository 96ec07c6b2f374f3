// Bridge: the Tor bridge behind an egress, where streams of kind bridge go. It is where the operator says it is, and
// the client says nothing about it: the address policy, which keeps clients off this machine, is not asked, and is not
// widened either.
//
// To the OR port, or to the extended one when there is one (core/egress/ext_or_port.hpp), which tor can be told more
// at. The cookie file is read again for each connection: tor writes a new one when it starts, perhaps after us.
// Errors name the cause; cancelling ends the attempt at once. Never changed once it is made: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/egress/ext_or_port.hpp"
#include "io/asio.hpp"

namespace footbridge::egress {

// MPT-T3: all of it, from the SYN to tor's OKAY. It is on this machine, or beside it.
inline constexpr Seconds kBridgeLimit{5};
// What tor is told that its client comes through, and what its statistics count it under.
inline constexpr std::string_view kBridgeTransport = "footbridge";

enum class BridgeErrc : std::uint8_t {
  Refused = 1,  // nobody listens
  Unreachable,  // no route; on one machine hardly ever
  TimedOut,     // no OKAY within kBridgeLimit
  NoCookie,     // the cookie file cannot be read, is no cookie file, or may be read by everybody
  WrongCookie,  // whoever listens does not know the cookie: nothing was proved to it
  NotBelieved,  // whoever listens says that we do not know it
  Denied,       // tor does not want this client
  NoExtOrPort,  // what listens there speaks something else
  Failed,       // anything else: the connection ended
};
std::string_view name(BridgeErrc error);

struct Bridge {
  std::optional<Private<Endpoint>> or_port;
  std::optional<Private<Endpoint>> extended_or_port;  // wins
  std::string auth_cookie_file;                       // of the extended one
  std::function<void(BridgeErrc)> on_failure;         // told from the caller's thread; empty: nobody listens
};

struct BridgeConnection {
  io::tcp::socket socket;
  Bytes early;  // what tor said behind its OKAY; seldom something
};

// `user`: where the client comes from, as far as we know. `rng` outlives the call.
asio::awaitable<Result<BridgeConnection, BridgeErrc>> connect_bridge(const Bridge& bridge, Rng& rng,
                                                                     std::optional<Private<Endpoint>> user);

// The cookie out of a file of tor's: regular, of exactly the right size, and not readable by everybody.
std::optional<crypto::SecretKey> read_auth_cookie(const std::string& path);

}  // namespace footbridge::egress
