// Opens a UDP leg at an egress: knock, reply, enter, welcome (spec 08-udp-leg). A network that blocks UDP says nothing,
// so every word is repeated until kUdpDialLimit, which is short: there is a leg over WebSocket to fall back to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"
#include "io/connector.hpp"
#include "transport/udp/leg.hpp"

namespace footbridge::udp {

inline constexpr Seconds kUdpDialLimit{3};    // UDL-T3: two round trips of the slowest useful way, each word said twice
inline constexpr Millis kUdpFirstRetry{250};  // UDL-T4: doubled with each; most round trips are shorter

enum class DialErrc : std::uint8_t {
  Policy = 1,  // the address is refused; nothing was sent
  Unresolved,  // the host has no address, or name servers failed
  Silent,      // nobody answered, or nobody is there: UDP is blocked, or the token is no good
};
std::string_view name(DialErrc error);

// `token`: the leg token's bytes. Cancelling ends it at once. connector and rng outlive the coroutine, rng also the
// leg.
asio::awaitable<Result<std::unique_ptr<Leg>, DialErrc>> dial(io::Connector& connector, Private<std::string> host,
                                                             std::uint16_t port, Private<Bytes> token, Rng& rng,
                                                             Duration limit = kUdpDialLimit);

}  // namespace footbridge::udp
