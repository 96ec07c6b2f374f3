// ExtOrPort: what the door of a Tor bridge tells tor before a client's bytes (torspec ext-orport-spec): both show that
// they know the cookie file, then tor hears which transport this is and where the client comes from, and takes it or
// not.
//
//   AwaitingAuthTypes ─offered─▶ AwaitingServerHash ─right─▶ AwaitingVerdict ─1─▶ AwaitingReply ─OKAY─▶ Accepted
//          │ SAFE_COOKIE is not        │ wrong                   │ 0                │ DENY
//          └───────────────────────────┴────────▶ Failed ◀───────┴──────────────────┘
//
// Feed on_bytes(), send what take_output() has; Accepted: take_rest() is what tor said behind its OKAY, and the rest of
// the connection is the client's. Failed is final and says nothing more: above all, nothing is proved to a server that
// did not show the cookie first.
// Bounds: kMaxAuthTypes, kMaxSkippedReplyBytes; it keeps less than kMaxAuthTypes bytes. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::core {

inline constexpr std::string_view kAuthCookieHeader = "! Extended ORPort Auth Cookie !\n";
inline constexpr std::size_t kAuthCookieFileBytes = 64;  // MPT-C1: the header and 32 bytes
inline constexpr std::size_t kMaxAuthTypes = 256;        // MPT-B6: each of 1 to 255 once, and the end
// MPT-B7: tor sends none of them today, and whatever it will say before OKAY is a few words.
inline constexpr std::size_t kMaxSkippedReplyBytes = 4'096;

// nullopt: another size, or another header; not (or not yet) a cookie that tor wrote.
std::optional<crypto::SecretKey> parse_auth_cookie(ByteView file);

// After each of them: close the connection, and the client's stream with it.
enum class ExtOrErrc : std::uint8_t {
  TooLong = 1,   // more authentication types than there are, or a flood of replies we do not know: no ExtORPort
  NoSafeCookie,  // the only authentication that we speak is not offered
  WrongCookie,   // the server does not know what is in our cookie file: another tor, or somebody else
  NotBelieved,   // the server says that our proof is wrong
  Denied,        // tor does not want this client
};
std::string_view name(ExtOrErrc error);

// What tor is told about a connection.
struct ExtOrIntroduction {
  std::string transport;
  std::optional<Private<Endpoint>> user;  // nullopt: not known, and not said
};

class ExtOrPort {
 public:
  enum class State : std::uint8_t {
    AwaitingAuthTypes,
    AwaitingServerHash,
    AwaitingVerdict,
    AwaitingReply,
    Accepted,
    Failed,
  };

  ExtOrPort(Rng& rng, const crypto::SecretKey& cookie, const ExtOrIntroduction& who);

  // Takes all of it. An error is repeated by every later call.
  Status<ExtOrErrc> on_bytes(ByteView bytes);
  Bytes take_output();
  Bytes take_rest();
  State state() const { return state_; }

 private:
  using Nonce = std::array<std::byte, 32>;

  bool step();
  bool on_auth_types();
  bool on_server_hash();
  bool on_verdict();
  bool on_reply();
  bool fail(ExtOrErrc why);
  ByteView take(std::size_t count);
  std::size_t waiting() const { return in_.size() - taken_; }

  crypto::SecretKey cookie_;
  Bytes introduction_;
  Nonce client_nonce_;
  State state_ = State::AwaitingAuthTypes;
  std::optional<ExtOrErrc> error_;
  Bytes in_;
  std::size_t taken_ = 0;      // of in_, until on_bytes() returns
  std::size_t body_left_ = 0;  // of a reply that is skipped, or of the OKAY
  bool okay_ = false;          // OKAY was said; its body, which means nothing, may still come
  std::size_t skipped_ = 0;
  Bytes out_;
};

}  // namespace footbridge::core
