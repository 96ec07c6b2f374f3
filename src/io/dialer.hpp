// Dialer: who opens TCP connections to a host for somebody who does not care which way they take. Connector goes there
// itself; UpstreamConnector goes through the proxy that this machine is behind.
//
// Errors: ConnectErrc names the cause. Cancelling ends the attempt at once. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

inline constexpr Millis kConnectLimit{10'000};  // a SYN and its retries at 1, 3 and 7 s; all of it, with resolving

enum class ConnectErrc : std::uint8_t {
  Policy = 1,   // host, port or every address is refused by the policy; nothing was sent
  BadName,      // not a host name
  NoSuchName,   // the name has no address
  NameFailure,  // name servers failed, did not answer, or we ask too much at once
  Refused,      // every address said no (RST)
  Unreachable,  // no route
  TimedOut,     // nobody answered in time
  Upstream,     // the proxy that we are behind is not there or refuses us; nothing was sent past it
  Failed,       // anything else
};
std::string_view name(ConnectErrc error);

class Dialer {
 public:
  virtual ~Dialer() = default;
  // `host`: a DNS name or an address literal (IPv6 with or without brackets).
  virtual asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port,
                                                                    Duration limit) = 0;
};

}  // namespace footbridge::io
