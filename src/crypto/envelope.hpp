// The envelope around every rendezvous body: bytes that look random to whoever does not have the network's obfuscation
// secret, of a length that says little (crypto/envelope_sizes.hpp). Wire format and reasons: docs/spec/10-sealing.md.
//
// It hides what the body is; it proves nothing. Everybody who may use the network has the secret, and a censor may too:
// who said something, and whether it was said before, is for what is inside. What is inside has to be bound to
// binding() of its request, or somebody could put it into an envelope of his own with another time.
//
// Layout: 24-byte nonce, then sealed: of a request version 1 | kind 1 | stamp 8 | length 4 | message | padding, of a
// response version 1 | length 4 | message | padding. A response opens only for who has its request's nonce.
// A refusal says nothing about its reason. Keeps the two keys and no state; may be used from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/envelope_sizes.hpp"
#include "crypto/primitives.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::uint8_t kEnvelopeVersion = 1;
inline constexpr std::size_t kEnvelopeRequestOverhead = kAeadNonceBytes + 1 + 1 + 8 + 4 + kAeadTagBytes;  // SEAL-B3
inline constexpr std::size_t kEnvelopeResponseOverhead = kAeadNonceBytes + 1 + 4 + kAeadTagBytes;         // SEAL-B4
inline constexpr std::size_t kMaxRequestMessageBytes = kMaxNeededBytes - kEnvelopeRequestOverhead;
inline constexpr std::size_t kMaxResponseMessageBytes = kMaxNeededBytes - kEnvelopeResponseOverhead;

// What a request's message is. The numbers are on the wire; unknown ones are refused.
enum class RequestKind : std::uint8_t {
  Directory = 1,  // a body as it is: what it asks for is public, and signed
  Client = 2,     // the first message of Noise NK: nobody in particular
  Proxy = 3,      // the first message of Noise IK: whose static key is the proxy's id
  Resumed = 4,    // a resumption ticket, and a body sealed under its keys
};

// What every request says in its envelope.
struct RequestHeader {
  RequestKind kind = RequestKind::Directory;
  UnixSeconds stamp{};  // the asker's clock
  AeadNonce nonce{};    // drawn for this request alone
};

// What the message inside has to be bound to: a label, version, kind, stamp and nonce. Always kBindingBytes long.
inline constexpr std::size_t kBindingBytes = 20 + 1 + 1 + 8 + kAeadNonceBytes;
std::array<std::byte, kBindingBytes> binding(const RequestHeader& header);

class Envelope {
 public:
  explicit Envelope(const SecretKey& obfuscation_secret);

  // At most kMaxRequestMessageBytes. `rng` draws the length.
  Bytes seal_request(const RequestHeader& header, ByteView message, Rng& rng) const;
  // At most kMaxResponseMessageBytes. `rng` draws the nonce and the length.
  Bytes seal_response(const AeadNonce& request, ByteView message, Rng& rng) const;

  struct Request {
    RequestHeader header;
    Bytes message;
  };
  // nullopt: not ours, changed, cut or a response, which all cost the MAC twice over the bytes and the cipher once; or it
  // opened and is of another version, kind or length, which costs each once: whoever has the secret made it.
  std::optional<Request> open_request(ByteView body) const;
  // For a request that opened and is refused all the same: the MAC once more, and it has cost as much.
  void spend_on_refusal(ByteView body) const;
  // The message; nullopt: the same, or the response to another request.
  std::optional<Bytes> open_response(const AeadNonce& request, ByteView body) const;

 private:
  SecretKey request_key_;
  SecretKey response_key_;
};

}  // namespace footbridge::crypto
