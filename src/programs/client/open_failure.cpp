#include "programs/client/open_failure.hpp"

#include "base/assert.hpp"

namespace footbridge::client {

std::string_view name(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::NoPath: return "no-path";
    case OpenFailure::NoAnswer: return "no-answer";
    case OpenFailure::SessionLost: return "session-lost";
    case OpenFailure::Refused: return "refused";
    case OpenFailure::Unreachable: return "unreachable";
    case OpenFailure::DnsFailure: return "dns-failure";
    case OpenFailure::Policy: return "policy";
    case OpenFailure::TimedOut: return "timed-out";
    case OpenFailure::Limit: return "limit";
    case OpenFailure::Internal: return "internal";
    case OpenFailure::BadDestination: return "bad-destination";
    case OpenFailure::NoUdp: return "no-udp";
    case OpenFailure::Stopping: return "stopping";
  }
  return "unknown";
}

OpenFailure failure_of(wire::OpenStatus status) {
  switch (status) {
    case wire::OpenStatus::Connected: break;
    case wire::OpenStatus::Refused: return OpenFailure::Refused;
    case wire::OpenStatus::Unreachable: return OpenFailure::Unreachable;
    case wire::OpenStatus::DnsFailure: return OpenFailure::DnsFailure;
    case wire::OpenStatus::Policy: return OpenFailure::Policy;
    case wire::OpenStatus::TimedOut: return OpenFailure::TimedOut;
    case wire::OpenStatus::Limit: return OpenFailure::Limit;
    case wire::OpenStatus::Unsupported:
    case wire::OpenStatus::Internal: return OpenFailure::Internal;
  }
  FB_ASSERT(status != wire::OpenStatus::Connected);
  return OpenFailure::Internal;
}

wire::SocksReply socks_reply(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::Refused: return wire::SocksReply::Refused;
    case OpenFailure::Unreachable: return wire::SocksReply::NetworkUnreachable;
    case OpenFailure::DnsFailure:
    case OpenFailure::BadDestination: return wire::SocksReply::HostUnreachable;
    case OpenFailure::Policy: return wire::SocksReply::NotAllowed;
    case OpenFailure::NoAnswer:
    case OpenFailure::TimedOut: return wire::SocksReply::TimedOut;
    case OpenFailure::NoUdp: return wire::SocksReply::CommandNotSupported;
    case OpenFailure::NoPath:
    case OpenFailure::SessionLost:
    case OpenFailure::Limit:
    case OpenFailure::Internal:
    case OpenFailure::Stopping: return wire::SocksReply::GeneralFailure;
  }
  return wire::SocksReply::GeneralFailure;
}

unsigned http_status(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::BadDestination: return 400;
    case OpenFailure::Policy: return 403;
    case OpenFailure::SessionLost:
    case OpenFailure::Refused:
    case OpenFailure::Unreachable:
    case OpenFailure::DnsFailure:
    case OpenFailure::NoUdp:
    case OpenFailure::Internal: return 502;
    case OpenFailure::Limit:
    case OpenFailure::Stopping: return 503;
    case OpenFailure::NoPath:
    case OpenFailure::NoAnswer:
    case OpenFailure::TimedOut: return 504;
  }
  return 502;
}

std::string_view sentence(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::NoPath: return "No way out was found in time.";
    case OpenFailure::NoAnswer: return "The way out did not answer in time.";
    case OpenFailure::SessionLost: return "The way out was lost before the connection was made.";
    case OpenFailure::Refused: return "The destination refused the connection.";
    case OpenFailure::Unreachable: return "The destination cannot be reached from the way out.";
    case OpenFailure::DnsFailure: return "The destination's name was not found.";
    case OpenFailure::Policy: return "The way out does not connect to this destination.";
    case OpenFailure::TimedOut: return "The destination did not answer.";
    case OpenFailure::Limit: return "Too many connections are open at once; try again later.";
    case OpenFailure::Internal: return "The way out failed to make the connection.";
    case OpenFailure::BadDestination: return "The destination is not a host name or address with a port.";
    case OpenFailure::NoUdp: return "The way out does not carry UDP.";
    case OpenFailure::Stopping: return "The proxy is being stopped.";
  }
  return "The connection failed.";
}

}  // namespace footbridge::client
