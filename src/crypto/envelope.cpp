#include "crypto/envelope.hpp"

#include <algorithm>
#include <string_view>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::string_view kBindingLabel = "footbridge request 1";
constexpr std::string_view kRequestLabel = "footbridge envelope request";
constexpr std::string_view kResponseLabel = "footbridge envelope response";

static_assert(kBindingLabel.size() + 1 + 1 + 8 + kAeadNonceBytes == kBindingBytes);

SecretKey direction_key(const SecretKey& secret, std::string_view label) {
  return SecretKey::made_by([&](ByteSpan out) { blake2b(out, as_bytes(label), secret.reveal_to_primitive()); });
}

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(RequestKind::Directory) &&
         kind <= static_cast<std::uint8_t>(RequestKind::Resumed);
}

bool is_possible_size(std::size_t bytes) { return bytes >= kMinEnvelopeBytes && bytes <= kMaxEnvelopeBytes; }

Bytes seal(const SecretKey& key, const AeadNonce& nonce, Bytes plain, std::size_t size, ByteView associated) {
  FB_ASSERT(size >= kAeadNonceBytes + plain.size() + kAeadTagBytes);
  plain.resize(size - kAeadNonceBytes - kAeadTagBytes);
  auto out = to_bytes(ByteView(nonce));
  append(out, aead_seal(key, nonce, plain, associated));
  return out;
}

// Opening stops behind the MAC when it does not fit, and deciphers when it does. So that nobody sees by the clock which
// it was, however long the body, what did not fit is gone over once more for nothing: MAC, cipher and MAC. What fits
// and is refused later gets its second MAC then (spend_on_refusal). What comes out is thrown away.
void spend_what_opening_costs(const SecretKey& key, const AeadNonce& nonce, ByteView sealed) {
  (void)aead_seal(key, nonce, sealed, {});
}

struct Opened {
  AeadNonce nonce{};
  Bytes plain;
};

std::optional<Opened> open(const SecretKey& key, ByteView body, ByteView associated) {
  Opened out;
  Bytes stand_in;  // for a body of an impossible length: zeros, which nothing opens
  if (!is_possible_size(body.size())) {
    stand_in.resize(std::clamp(body.size(), kMinEnvelopeBytes, kMaxEnvelopeBytes));
    body = stand_in;
  }
  std::copy_n(body.begin(), kAeadNonceBytes, out.nonce.begin());
  const auto sealed = body.subspan(kAeadNonceBytes);
  auto plain = aead_open(key, out.nonce, sealed, associated);
  if (!plain) {
    spend_what_opening_costs(key, out.nonce, sealed);
    return std::nullopt;
  }
  out.plain = std::move(*plain);
  return out;
}

// What the length says is the message, out of what is left of `plain`.
std::optional<Bytes> message_of(ByteReader& reader) {
  const auto length = reader.u32();
  if (!length) return std::nullopt;
  const auto message = reader.bytes(*length);
  if (!message) return std::nullopt;
  return to_bytes(*message);
}

// As long as it will be, so that it is written once and never moved.
Bytes empty_plain(std::size_t size) {
  Bytes plain;
  plain.reserve(size - kAeadNonceBytes - kAeadTagBytes);
  return plain;
}

}  // namespace

std::array<std::byte, kBindingBytes> binding(const RequestHeader& header) {
  Bytes text;
  text.reserve(kBindingBytes);
  append(text, as_bytes(kBindingLabel));
  ByteWriter(text).u8(kEnvelopeVersion).u8(static_cast<std::uint8_t>(header.kind)).u64(count(header.stamp));
  append(text, header.nonce);
  std::array<std::byte, kBindingBytes> out{};
  std::ranges::copy(text, out.begin());
  return out;
}

Envelope::Envelope(const SecretKey& obfuscation_secret)
    : request_key_(direction_key(obfuscation_secret, kRequestLabel)),
      response_key_(direction_key(obfuscation_secret, kResponseLabel)) {}

Bytes Envelope::seal_request(const RequestHeader& header, ByteView message, Rng& rng) const {
  FB_ASSERT(message.size() <= kMaxRequestMessageBytes);
  const auto size = draw_envelope_size(message.size() + kEnvelopeRequestOverhead, rng);
  auto plain = empty_plain(size);
  ByteWriter(plain)
      .u8(kEnvelopeVersion)
      .u8(static_cast<std::uint8_t>(header.kind))
      .u64(count(header.stamp))
      .u32(static_cast<std::uint32_t>(message.size()))
      .bytes(message);
  return seal(request_key_, header.nonce, std::move(plain), size, {});
}

Bytes Envelope::seal_response(const AeadNonce& request, ByteView message, Rng& rng) const {
  FB_ASSERT(message.size() <= kMaxResponseMessageBytes);
  const auto size = draw_envelope_size(message.size() + kEnvelopeResponseOverhead, rng);
  auto plain = empty_plain(size);
  ByteWriter(plain).u8(kEnvelopeVersion).u32(static_cast<std::uint32_t>(message.size())).bytes(message);
  return seal(response_key_, rng.array<kAeadNonceBytes>(), std::move(plain), size, request);
}

std::optional<Envelope::Request> Envelope::open_request(ByteView body) const {
  const auto opened = open(request_key_, body, {});
  if (!opened) return std::nullopt;
  ByteReader reader(opened->plain);
  const auto version = reader.u8(), kind = reader.u8();
  const auto stamp = reader.u64();
  auto message = message_of(reader);
  if (version != kEnvelopeVersion || !kind || !is_known(*kind) || !stamp || !message) return std::nullopt;
  return Request{{static_cast<RequestKind>(*kind), UnixSeconds{*stamp}, opened->nonce}, std::move(*message)};
}

void Envelope::spend_on_refusal(ByteView body) const { (void)aead_open(request_key_, AeadNonce{}, body, {}); }

std::optional<Bytes> Envelope::open_response(const AeadNonce& request, ByteView body) const {
  const auto opened = open(response_key_, body, request);
  if (!opened) return std::nullopt;
  ByteReader reader(opened->plain);
  if (reader.u8() != kEnvelopeVersion) return std::nullopt;
  return message_of(reader);
}

}  // namespace footbridge::crypto
