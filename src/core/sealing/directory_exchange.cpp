#include "core/sealing/directory_exchange.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

DirectoryQuestion seal_directory_question(const crypto::Envelope& envelope, UnixSeconds clock, ByteView body,
                                          Rng& rng) {
  FB_ASSERT(body.size() <= kMaxSealedBodyBytes);
  const auto nonce = rng.array<crypto::kAeadNonceBytes>();
  return {envelope.seal_request({crypto::RequestKind::Directory, clock, nonce}, body, rng), nonce};
}

std::optional<Bytes> open_directory_answer(const crypto::Envelope& envelope, const crypto::AeadNonce& nonce,
                                           ByteView answer) {
  return envelope.open_response(nonce, answer);
}

}  // namespace footbridge::core
