// The client's half of SOCKS5 (RFC 1928, 1929): what a proxy in front of us is asked, and what it answered.
// Incremental and bounded (at most kMaxSocks5AnswerBytes are kept); no I/O, no clock. Bytes after the reply are the
// destination's and are left to the caller.
//
//   Greeting ──user and password wanted──▶ Credentials ──accepted──▶ Request ──granted──▶ Done
//       └──────────── nothing wanted ────────────────────────────────▲
//   any violation or refusal ──▶ Failed: close
//
// A name is sent as a name: nothing is looked up on our side. Thread: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/awaited_bytes.hpp"
#include "wire/proxy_url.hpp"
#include "wire/session_destination.hpp"
#include "wire/socks5.hpp"

namespace footbridge::wire {

// The longest answer: a reply whose bound address is a name, 4 + 1 + 255 + 2 bytes.
inline constexpr std::size_t kMaxSocks5AnswerBytes = 262;

enum class Socks5ClientErrc : std::uint8_t {
  NotSocks5 = 1,       // what answers speaks something else: wrong port, or an HTTP proxy
  WantsCredentials,    // none were given, and it takes nobody without
  WrongCredentials,    // it knows them not
  Failed,              // its "general failure", or a code of no meaning
  NotAllowed,          // by its rules
  NetworkUnreachable,  // these four are about the destination
  HostUnreachable,
  Refused,
  TimedOut,
  CommandNotSupported,      // mostly: no UDP here
  AddressTypeNotSupported,  // no names, or no IPv6
};
std::string_view name(Socks5ClientErrc error);

class Socks5Client {
 public:
  enum class State : std::uint8_t { Greeting, Credentials, Request, Done, Failed };

  // CONNECT to this destination.
  Socks5Client(Private<Destination> to, std::optional<Private<ProxyCredentials>> credentials);
  // UDP ASSOCIATE, from an address that we do not know: there may be a translator between us and the proxy.
  explicit Socks5Client(std::optional<Private<ProxyCredentials>> credentials);

  // Takes bytes up to the end of the reply and answers how many. An error is final.
  Result<std::size_t, Socks5ClientErrc> on_bytes(ByteView in);
  // What the proxy must be sent now, from the beginning on; empty: nothing.
  Bytes take_output();
  State state() const { return state_; }
  // Done: the port that the proxy has bound for us, of an association where datagrams are sent to. The address beside
  // it is not told: proxies behind a translator name one that nobody can reach, and ours is the one we know.
  std::uint16_t bound_port() const { return bound_port_; }

 private:
  void step();
  void enter(State state, std::size_t wanted);
  void greet();
  void ask();
  void on_method();
  void on_verdict();
  void on_reply();
  void fail(Socks5ClientErrc error);

  SocksCommand command_;
  Private<Destination> to_;  // of CONNECT
  std::optional<Private<ProxyCredentials>> credentials_;
  State state_ = State::Greeting;
  AwaitedBytes input_{kMaxSocks5AnswerBytes, 2};
  Bytes output_;
  std::uint16_t bound_port_ = 0;
  std::optional<Socks5ClientErrc> error_;
};

}  // namespace footbridge::wire
