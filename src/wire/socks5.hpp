// The server's half of SOCKS5 (RFC 1928, 1929), SOCKS4 and SOCKS4a: bytes of an application come in, replies go out.
// Incremental and bounded (at most kMaxSocksInputBytes are kept); no I/O, no clock. Bytes after the request are the
// application's early data and are left to the caller.
//
//   Greeting ──v5──▶ (Credentials) ──▶ Request ──CONNECT, UDP ASSOCIATE──▶ AwaitingReply ──reply()──▶ Done
//       └──v4──────────────────────────────────CONNECT──────────────────────▲
//   any violation or unsupported command ──▶ Failed: send take_output(), then close
//
// Credentials are read and forgotten: the port listens on loopback, and programs use them only to separate streams.
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

namespace footbridge::wire {

// The longest thing we wait for in one piece: RFC 1929 credentials, 3 + 255 + 255 bytes; SOCKS4a: 8 + 256 + 256.
inline constexpr std::size_t kMaxSocksInputBytes = 520;

// RFC 1928 §6. SOCKS4 knows only "granted" and "rejected".
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
};

enum class SocksErrc : std::uint8_t {
  BadVersion = 1,       // not SOCKS: close without a byte
  NoAcceptableMethod,   // neither "no authentication" nor credentials were offered
  CommandNotSupported,  // BIND, and UDP ASSOCIATE in SOCKS4
  AddressTypeNotSupported,
  BadHost,  // empty, or bytes that no host name has
  TooLong,  // SOCKS4: user id or host without an end
};

enum class SocksCommand : std::uint8_t { Connect, UdpAssociate };

struct SocksRequest {
  SocksCommand command = SocksCommand::Connect;
  // Where to; of UDP ASSOCIATE where the application will send from, zero where it does not know.
  std::variant<Private<std::string>, Private<IpAddress>> host;  // a literal sent as a name arrives as an address
  std::uint16_t port = 0;
};

class SocksServer {
 public:
  enum class State : std::uint8_t { Greeting, Credentials, Request, AwaitingReply, Done, Failed };

  // Takes bytes up to the end of the request and answers how many; the rest is early data. An error is final.
  Result<std::size_t, SocksErrc> on_bytes(ByteView in);
  // What the application must be sent now, also after an error; empty: nothing.
  Bytes take_output();
  State state() const { return state_; }
  // Engaged from AwaitingReply on.
  const std::optional<SocksRequest>& request() const { return request_; }
  // Ends the handshake: its bytes are in take_output(). Granted: data follows; anything else: close after sending.
  // `bound` is where the application sends its datagrams; of a connection it is nobody's business here.
  void reply(SocksReply code, const std::optional<Endpoint>& bound = std::nullopt);

 private:
  void step();
  bool lacks(std::size_t bytes);  // true: input_ is shorter, and now we wait for that many
  void enter(State state, std::size_t wanted);
  void on_greeting();
  void on_credentials();
  void on_request5();
  void on_request4();
  void accept(const IpAddress& address, std::uint16_t port);
  void accept_name(std::string_view host, std::uint16_t port);
  void fail(SocksErrc error);                     // closes without a further byte
  void refuse(SocksReply code, SocksErrc error);  // tells why, then closes
  void push_reply(SocksReply code, const std::optional<Endpoint>& bound = std::nullopt);

  State state_ = State::Greeting;
  std::uint8_t version_ = 0;
  SocksCommand command_ = SocksCommand::Connect;
  std::size_t wanted_ = 2;  // input_ must hold this many bytes before the next step can decide anything
  Bytes input_;
  Bytes output_;
  std::optional<SocksRequest> request_;
  std::optional<SocksErrc> error_;
};

// One port for everything: what does the first byte of a connection promise?
enum class LocalProtocol : std::uint8_t { Socks5, Socks4, Http, Unknown };
LocalProtocol sniff_local_protocol(std::byte first);

}  // namespace footbridge::wire
