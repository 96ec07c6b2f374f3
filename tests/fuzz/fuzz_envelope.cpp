// The envelope around rendezvous bodies, from outside and by somebody who has the network's secret: what he seals is
// read strictly, and what is read is the same when it is sealed again. Nothing opens that was not sealed.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "crypto/envelope.hpp"
#include "deeds.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  static SeededRng rng(1);
  static const auto secret = crypto::SecretKey::random(rng);
  static const crypto::Envelope envelope(secret);
  const auto key_of = [](std::string_view label) {
    return *crypto::SecretKey::from(crypto::blake2b<32>(as_bytes(label), secret.reveal_to_primitive()));
  };
  static const auto request_key = key_of("footbridge envelope request");
  static const auto response_key = key_of("footbridge envelope response");

  fuzz::Deeds deeds(as_bytes(data, size));
  if (deeds.one_in(4)) {
    const auto body = to_bytes(deeds.rest());
    FB_ASSERT(!envelope.open_request(body) && !envelope.open_response({}, body));
    return 0;
  }
  // What stands inside is the input, filled up to a length that may be.
  const bool is_request = deeds.one_in(2);
  auto plain = to_bytes(deeds.rest());
  plain.resize(crypto::kMinEnvelopeBytes + plain.size() % 4096);
  const auto nonce = rng.array<crypto::kAeadNonceBytes>();
  auto body = to_bytes(ByteView(nonce));
  append(body, crypto::aead_seal(is_request ? request_key : response_key, nonce, plain, {}));
  if (is_request) {
    const auto opened = envelope.open_request(body);
    if (!opened) return 0;
    const auto again = envelope.open_request(envelope.seal_request(opened->header, opened->message, rng));
    FB_ASSERT(again && again->message == opened->message && binding(again->header) == binding(opened->header));
  } else {
    FB_ASSERT(!envelope.open_response(nonce, body));  // it is the answer to nothing
    const crypto::AeadNonce asked{};
    body = to_bytes(ByteView(nonce));
    append(body, crypto::aead_seal(response_key, nonce, plain, asked));
    if (const auto opened = envelope.open_response(asked, body))
      FB_ASSERT(envelope.open_response(asked, envelope.seal_response(asked, *opened, rng)) == opened);
  }
  return 0;
}
