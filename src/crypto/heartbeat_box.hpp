// What seals an egress's report to its broker, and the answer: XChaCha20-Poly1305 under heartbeat_key(), bound to the
// direction and to the ids under which the egress is named outside the box. Padded to a multiple of kHeartbeatPadBytes:
// how many receipts are in it is nobody's business. At most wire::kMaxHeartbeatBytes. docs/spec/12-tickets.md §6.2. Any
// thread.
//
// Layout: 24-byte nonce, then length 2 | message | zeros, sealed.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::size_t kHeartbeatPadBytes = 1'024;  // HBT-B3: most reports then look alike

enum class HeartbeatBox : std::uint8_t { Report, Answer };

// `names`: the egress's ids, one after the other, as the outer message has them.
Bytes seal_heartbeat(HeartbeatBox what, ByteView names, ByteView message, const SecretKey& key, Rng& rng);
// nullopt: forged, cut, or made for another use.
std::optional<Bytes> open_heartbeat(HeartbeatBox what, ByteView names, ByteView sealed, const SecretKey& key);

}  // namespace footbridge::crypto
