// CloseInfo: why a QUIC connection ended. Made of numbers and fixed texts only: a peer's reason phrase is dropped, so
// nothing private can travel into a log through it. Spec: docs/spec/04-path.md §8.
#pragma once

#include <cstdint>
#include <string_view>

namespace footbridge::quic {

enum class CloseBy : std::uint8_t { Us, Peer, Time };

enum class CloseKind : std::uint8_t {
  Application = 1,   // close() by one of the two users; `code` is theirs
  WrongPin,          // the egress showed another key than the one pinned: never retry this egress by this pin
  WrongProtocol,     // no common ALPN: one end is of another version
  Tls,               // another TLS alert; `code` is the alert
  Transport,         // QUIC protocol error; `code` is RFC 9000 §20.1
  Profile,           // the peer's QUIC is sound but breaks the rules of a path (spec §6.4)
  IdleTimeout,       // nothing heard for kIdleTimeout
  HandshakeTimeout,  // not established within kHandshakeTimeout
  Pipe,              // the pipe below ended first; Path says how
  Internal,          // the QUIC or TLS library failed on our side
};
std::string_view name(CloseKind kind);  // stable, for logs and metrics: "wrong-pin"

struct CloseInfo {
  CloseBy by = CloseBy::Us;
  CloseKind kind = CloseKind::Application;
  std::uint64_t code = 0;

  std::string_view reason() const { return name(kind); }
  friend bool operator==(const CloseInfo&, const CloseInfo&) = default;
};

// The TLS alerts that have a CloseKind of their own.
inline constexpr std::uint64_t kAlertBadCertificate = 42;          // RFC 8446 §6.2: the pin did not match
inline constexpr std::uint64_t kAlertNoApplicationProtocol = 120;  // RFC 7301 §3.2

// Application codes that paths themselves use; users of a path choose theirs from kFirstUserCloseCode up.
inline constexpr std::uint64_t kCloseDone = 0;     // no longer needed
inline constexpr std::uint64_t kCloseProfile = 1;  // the peer breaks the rules of a path
inline constexpr std::uint64_t kCloseControl = 2;  // control stream reset, or more control than the bound
inline constexpr std::uint64_t kFirstUserCloseCode = 16;

}  // namespace footbridge::quic
