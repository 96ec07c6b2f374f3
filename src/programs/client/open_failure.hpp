// OpenFailure: why an application got no stream to its destination, and how each local protocol says so. No I/O.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/session_open.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {

enum class OpenFailure : std::uint8_t {
  NoPath = 1,      // no volunteer led to an egress before the deadline; the trouble of the moment says why
  NoAnswer,        // the stream was under way, and the egress did not answer before the deadline
  SessionLost,     // the session ended while the stream was being opened, and there was no time for another one
  Refused,         // the destination said no to the connection
  Unreachable,     // the egress has no route to the destination
  DnsFailure,      // the name does not exist or did not resolve at the egress
  Policy,          // the egress does not go there
  TimedOut,        // the destination did not answer the egress
  Limit,           // too many streams or destinations at once
  Internal,        // the egress failed, or is of another version
  BadDestination,  // not a host name, or port 0: nothing was sent
  NoUdp,           // the egress carries no UDP
  Stopping,        // this program is on its way out
};
std::string_view name(OpenFailure failure);  // for logs: "dns-failure"

// Of a status that is not Connected (asserted).
OpenFailure failure_of(wire::OpenStatus status);

wire::SocksReply socks_reply(OpenFailure failure);
unsigned http_status(OpenFailure failure);
// One sentence for the person in front of the browser; names no destination.
std::string_view sentence(OpenFailure failure);

}  // namespace footbridge::client
