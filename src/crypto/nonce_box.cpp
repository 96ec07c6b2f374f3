#include "crypto/nonce_box.hpp"

#include <algorithm>

#include "crypto/primitives.hpp"

namespace footbridge::crypto {

static_assert(kNonceBoxOverheadBytes == kAeadNonceBytes + kAeadTagBytes);

Bytes seal_nonce_box(const SecretKey& key, ByteView plain, ByteView label, Rng& rng) {
  const auto nonce = rng.array<kAeadNonceBytes>();
  auto out = to_bytes(ByteView(nonce));
  append(out, aead_seal(key, nonce, plain, label));
  return out;
}

std::optional<Bytes> open_nonce_box(std::span<const SecretKey> keys, ByteView sealed, ByteView label) {
  if (sealed.size() < kNonceBoxOverheadBytes) return std::nullopt;
  AeadNonce nonce{};
  std::copy_n(sealed.begin(), kAeadNonceBytes, nonce.begin());
  for (const auto& key : keys)
    if (auto plain = aead_open(key, nonce, sealed.subspan(kAeadNonceBytes), label)) return plain;
  return std::nullopt;
}

Timeliness timeliness(UnixSeconds expiry, UnixSeconds now, std::uint64_t lifetime, std::uint64_t skew) {
  const auto end = count(expiry);
  const auto at = count(now);
  // Differences, not sums: an expiry near 2^64 must not wrap into the present.
  if (at > end && at - end > skew) return Timeliness::Expired;
  if (end > at && end - at > lifetime + skew) return Timeliness::TooFarAhead;
  return Timeliness::InTime;
}

}  // namespace footbridge::crypto
