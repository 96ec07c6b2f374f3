#include "crypto/noise/transport.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::crypto::noise {
namespace {

Result<Bytes, NoiseErrc> or_refused(std::optional<Bytes> payload) {
  if (!payload) return NoiseErrc::Refused;
  return std::move(*payload);
}

}  // namespace

Transport::Transport(CipherState sending, CipherState receiving)
    : sending_(std::move(sending)), receiving_(std::move(receiving)) {
  FB_ASSERT(sending_.has_key() && receiving_.has_key());
}

// Without a key a CipherState shows everything: one that was moved from must not.
Bytes Transport::write(ByteView payload) {
  FB_ASSERT(sending_.has_key());
  FB_ASSERT(payload.size() <= kMaxTransportPayloadBytes);
  return sending_.encrypt({}, payload);
}

Result<Bytes, NoiseErrc> Transport::read(ByteView message) {
  FB_ASSERT(receiving_.has_key());
  if (message.size() > kMaxMessageBytes) return NoiseErrc::Refused;
  return or_refused(receiving_.decrypt({}, message));
}

Result<Bytes, NoiseErrc> Transport::read_at(std::uint64_t nonce, ByteView message) const {
  if (message.size() > kMaxMessageBytes) return NoiseErrc::Refused;
  return or_refused(receiving_.decrypt_at(nonce, {}, message));
}

Transport::DirectionKeys Transport::derive(std::string_view label) const {
  FB_ASSERT(!label.empty());
  return {sending_.derive(as_bytes(label)), receiving_.derive(as_bytes(label))};
}

}  // namespace footbridge::crypto::noise
