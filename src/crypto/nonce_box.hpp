// What leg tokens, tickets and heartbeats have in common: a box is a nonce of 24 random bytes, then what is sealed
// under it with XChaCha20-Poly1305 and the label of its kind; and a grant has a moment at which it ends. Random nonces
// of that size never meet in the life of a key. Errors: nullopt is "not one of ours", whatever is wrong. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::size_t kNonceBoxOverheadBytes = 24 + 16;  // nonce and tag

// `label`: associated data; a key's boxes of another kind do not open.
Bytes seal_nonce_box(const SecretKey& key, ByteView plain, ByteView label, Rng& rng);
// Tries each key: the current one and its predecessor.
std::optional<Bytes> open_nonce_box(std::span<const SecretKey> keys, ByteView sealed, ByteView label);

enum class Timeliness : std::uint8_t { InTime, Expired, TooFarAhead };
// Of a grant that ends at `expiry`, at most `lifetime` seconds after it was made by a clock that may be `skew` seconds
// off ours.
Timeliness timeliness(UnixSeconds expiry, UnixSeconds now, std::uint64_t lifetime, std::uint64_t skew);

}  // namespace footbridge::crypto
