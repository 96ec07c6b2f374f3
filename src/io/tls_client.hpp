// TlsClient: whom we believe when a server says who it is, and the handshake that asks. Certificate and name are always
// checked; there is no switch. Who knows the server's key beforehand pins it: then that key is the proof, and nobody
// has to vouch for it. TLS 1.2 or later, HTTP/1.1 by ALPN. The server's name goes out readable (SNI), unless it is an
// address.
//
// Errors: TlsErrc says the cause, advice() the remedy, for a person. The constructor throws TlsTrustError.
// Ownership: outlives the handshakes; connections live without it. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"
#include "io/byte_socket.hpp"
#include "io/openssl.hpp"
#include "wire/network.hpp"

namespace footbridge::io {

enum class TlsErrc : std::uint8_t {
  Expired = 1,    // the certificate was valid, or our clock is ahead
  NotYetValid,    // it will be valid, or our clock is behind
  WrongName,      // it is somebody else's
  UnknownIssuer,  // signed by nobody whom we trust, perhaps by itself
  Unacceptable,   // anything else about it: revoked, too weak, not for servers
  WrongKey,       // not the key that we pinned
  NoTls,          // what answers speaks no TLS that we know, or refused ours
  Lost,           // the connection broke in the handshake
};
std::string_view name(TlsErrc error);
std::string_view advice(TlsErrc error);  // one sentence

// The file with the authorities to trust cannot be used; the text says why, without its name.
struct TlsTrustError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class TlsClient {
 public:
  // `authorities`: a PEM file; only those in it are trusted then. nullopt: those that this system trusts.
  explicit TlsClient(const std::optional<std::string>& authorities = std::nullopt);

  // `name`: what the certificate must be for, a DNS name or an address (IPv6 without brackets). `pin`: the SHA-256 that
  // the certificate's public key must have instead; its name, its times and who signed it mean nothing then.
  asio::awaitable<Result<ByteSocket, TlsErrc>> shake_hands(tcp::socket socket, Private<std::string> name,
                                                           std::optional<wire::SpkiSha256> pin = std::nullopt);

 private:
  TlsContext context_;
};

}  // namespace footbridge::io
