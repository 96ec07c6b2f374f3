// The server's half of SOCKS5 (RFC 1928, 1929), SOCKS4 and SOCKS4a: bytes of an application come in, replies go out.
// Incremental and bounded (at most kMaxSocksInputBytes are kept, of a transport's door kMaxSocksTransportBytes); no
// I/O, no clock. Bytes after the request are the application's early data and are left to the caller.
//
//   Greeting ──v5──▶ (Credentials | ParameterBlock) ──▶ Request ──CONNECT, UDP ASSOCIATE──▶ AwaitingReply ──▶ Done
//       └──v4────────────────────────────────────────────────────CONNECT──────────────────────▲        reply()
//   any violation or unsupported command, or on_deadline() ──▶ Failed: send take_output(), then close
//
// For applications, credentials are read and forgotten: the port listens on loopback, and programs use them only to
// separate streams. As a pluggable transport's door, CONNECT is the only command, and what tor sends with each
// connection are its bridge line's arguments (wire/pt_arguments.hpp): in user name and password of SOCKS5 taken
// together, where a password of one NUL means there is none; in the user id of SOCKS4; or in a JSON parameter block
// (method 0x09 of PT 3.0). Broken ones are refused when the whole request was read; arguments_error() tells why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/awaited_bytes.hpp"
#include "wire/pt_arguments.hpp"

namespace footbridge::wire {

// The longest thing we wait for in one piece: RFC 1929 credentials, 3 + 255 + 255 bytes; SOCKS4a: 8 + 256 + 256.
inline constexpr std::size_t kMaxSocksInputBytes = 520;
// A transport's: a parameter block with its length. SOCKS4a is shorter, though its user id may be 510 bytes there.
inline constexpr std::size_t kMaxSocksTransportBytes = 4 + kMaxPtJsonBytes;

enum class SocksUse : std::uint8_t { Applications, Transport };

// RFC 1928 §6, and PT 3.0 Dispatcher IPC §1.4. SOCKS4 knows only "granted" and "rejected", and only who sent a
// parameter block knows the last four: everybody else is told GeneralFailure instead.
enum class SocksReply : std::uint8_t {
  Granted = 0,
  GeneralFailure = 1,
  NotAllowed = 2,
  NetworkUnreachable = 3,
  HostUnreachable = 4,
  Refused = 5,
  TimedOut = 6,  // "TTL expired": what applications show as a time-out
  CommandNotSupported = 7,
  AddressTypeNotSupported = 8,
  ArgumentsTooLong = 0x10,
  ArgumentsTooSlow = 0x11,
  ArgumentsUnreadable = 0x12,
  ArgumentsUnusable = 0x13,  // keys or values that mean nothing to this transport
};

enum class SocksErrc : std::uint8_t {
  BadVersion = 1,       // not SOCKS: close without a byte
  NoAcceptableMethod,   // none of the authentication methods that were offered is ours
  CommandNotSupported,  // BIND, and UDP ASSOCIATE in SOCKS4 or of a transport
  AddressTypeNotSupported,
  BadHost,       // empty, or bytes that no host name has
  TooLong,       // SOCKS4: user id or host without an end
  BadArguments,  // of a transport: arguments_error() tells why
  TooSlow,       // on_deadline() came first
};

enum class SocksCommand : std::uint8_t { Connect, UdpAssociate };

using SocksHost = std::variant<Private<std::string>, Private<IpAddress>>;  // a literal sent as a name is an address

struct SocksRequest {
  SocksCommand command = SocksCommand::Connect;
  SocksHost host;  // where to; of UDP ASSOCIATE where the application will send from, zero where it does not know
  std::uint16_t port = 0;
  PtArguments arguments;  // of a transport
};

class SocksServer {
 public:
  enum class State : std::uint8_t { Greeting, Credentials, ParameterBlock, Request, AwaitingReply, Done, Failed };

  explicit SocksServer(SocksUse use = SocksUse::Applications)
      : use_(use), input_(use == SocksUse::Transport ? kMaxSocksTransportBytes : kMaxSocksInputBytes, 2) {}

  // Takes bytes up to the end of the request and answers how many; the rest is early data. An error is final.
  Result<std::size_t, SocksErrc> on_bytes(ByteView in);
  // The handshake has taken too long. Nothing happens when its request is whole already, or has failed.
  void on_deadline();
  // What the application must be sent now, also after an error; empty: nothing.
  Bytes take_output();
  State state() const { return state_; }
  // Engaged from AwaitingReply on.
  const std::optional<SocksRequest>& request() const { return request_; }
  std::optional<PtArgumentsErrc> arguments_error() const { return arguments_error_; }
  // Ends the handshake: its bytes are in take_output(). Granted: data follows; anything else: close after sending.
  // `bound` is where the application sends its datagrams; of a connection it is nobody's business here.
  void reply(SocksReply code, const std::optional<Endpoint>& bound = std::nullopt);

 private:
  void step();
  void enter(State state, std::size_t wanted);
  bool in_handshake() const;
  void on_greeting();
  void on_credentials();
  void on_parameter_block();
  void on_request5();
  void on_request4();
  void take_arguments(Result<PtArguments, PtArgumentsErrc> parsed);
  void accept(SocksHost host, std::uint16_t port);
  void accept_name(std::string_view host, std::uint16_t port);
  void fail(SocksErrc error);                     // closes without a further byte
  void refuse(SocksReply code, SocksErrc error);  // tells why, then closes
  void push_reply(SocksReply code, const std::optional<Endpoint>& bound = std::nullopt);

  SocksUse use_;
  State state_ = State::Greeting;
  std::uint8_t version_ = 0;
  std::uint8_t method_ = 0;  // of SOCKS5
  SocksCommand command_ = SocksCommand::Connect;
  AwaitedBytes input_;
  Bytes output_;
  PtArguments arguments_;
  std::optional<PtArgumentsErrc> arguments_error_;
  std::optional<SocksRequest> request_;
  std::optional<SocksErrc> error_;
};

// One port for everything: what does the first byte of a connection promise?
enum class LocalProtocol : std::uint8_t { Socks5, Socks4, Http, Unknown };
LocalProtocol sniff_local_protocol(std::byte first);

}  // namespace footbridge::wire
