// What is true of every Noise message (Noise revision 34 §3), and how one that is not the peer's is refused.
#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/primitives.hpp"

namespace footbridge::crypto::noise {

// Handshake and transport messages alike; larger ones are refused unread. The bound is Noise's own (§3).
inline constexpr std::size_t kMaxMessageBytes = 65535;
// What fits into a transport message beside its tag.
inline constexpr std::size_t kMaxTransportPayloadBytes = kMaxMessageBytes - kAeadTagBytes;

// One value only: too long, too short, not ours, forged and out of turn look alike, to logs and to peers.
enum class NoiseErrc : std::uint8_t {
  Refused,  // answer as to somebody who knows nothing of us; a handshake is over, a transport goes on
};

}  // namespace footbridge::crypto::noise
