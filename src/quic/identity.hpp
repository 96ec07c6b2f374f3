// Identity: what an egress proves to its clients. An Ed25519 key and the self-signed certificate that TLS wants around
// it. Clients never look at the certificate: they pin SHA-256 of the public key (SPKI), so only the key is kept, and
// the certificate is made again, without a date or a name in it, whenever the key is loaded.
//
// Reading and writing files is the caller's work: this takes and gives PEM bytes. Movable, one owner; it must outlive
// every Connection accepted with it. May be shared by threads once made (GnuTLS credentials are read-only then).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::quic {

// SHA-256 of a public key in its X.509 form (SubjectPublicKeyInfo, RFC 5280 §4.1.2.7).
class SpkiPin {
 public:
  static constexpr std::size_t kBytes = 32;

  SpkiPin() = default;
  explicit SpkiPin(const std::array<std::byte, kBytes>& digest) : digest_(digest) {}

  static std::optional<SpkiPin> from(ByteView bytes);             // exactly 32
  static std::optional<SpkiPin> parse_hex(std::string_view hex);  // exactly 64 digits
  std::string to_hex() const;
  ByteView view() const { return digest_; }

  // In constant time.
  friend bool operator==(const SpkiPin& a, const SpkiPin& b) { return equal_in_constant_time(a.view(), b.view()); }

 private:
  std::array<std::byte, kBytes> digest_{};
};

// Each of these stops the program at start-up; describe() gives the operator the line.
enum class IdentityErrc : std::uint8_t {
  Empty = 1,   // no bytes: the file is missing its content
  TooLarge,    // more than kMaxPemBytes: not a key file
  NotAKey,     // no private key in PEM form, or one that is encrypted or damaged
  NotEd25519,  // a key of another kind
  Internal,    // the TLS library refused to make a key or certificate
};
// One sentence for the operator: what is wrong and what to do.
std::string_view describe(IdentityErrc error);

inline constexpr std::size_t kMaxPemBytes = 16 * 1024;  // a key needs 120 bytes; leave room for comments

class Identity {
 public:
  // A new key from the TLS library's own generator.
  static Result<Identity, IdentityErrc> generate();
  // Reads the first PEM block "PRIVATE KEY" (PKCS #8); text around it and other blocks are ignored.
  static Result<Identity, IdentityErrc> parse_pem(ByteView pem);

  Identity(Identity&&) noexcept;
  Identity& operator=(Identity&&) noexcept;
  ~Identity();

  // The secret key, PKCS #8. The caller stores it readable for its user only.
  Result<Bytes, IdentityErrc> encode_pem() const;
  const SpkiPin& pin() const { return pin_; }

  // The TLS library's handle (gnutls_certificate_credentials_t), for Connection only.
  void* credentials() const;

 private:
  struct Keys;
  Identity(std::unique_ptr<Keys> keys, const SpkiPin& pin);
  static Result<Identity, IdentityErrc> from_keys(std::unique_ptr<Keys> keys);

  std::unique_ptr<Keys> keys_;
  SpkiPin pin_;
};

}  // namespace footbridge::quic
