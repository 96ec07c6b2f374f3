// Stretching a handshake message: QUIC pads its first datagrams to 1200 bytes, a length that would stand in the first
// flight of every path. A datagram that consists of long-header packets only may be followed by an invalid packet,
// which every receiver discards (RFC 9000 §12.2, §14.1), so we append one of random length. Spec: docs/spec/04-path.md
// §6.3.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/rng.hpp"

namespace footbridge::quic {

inline constexpr std::size_t kMinTailBytes = 7;  // first byte, version, two empty connection IDs

// True when the datagram ends with a QUIC v1 long-header packet: what follows does not change it. A short-header packet
// reaches to the end of the datagram and tolerates nothing behind it.
bool may_be_followed(ByteView datagram);

// At least kMinTailBytes: a long header of a reserved version (RFC 9000 §15, never to be supported), then noise.
Bytes make_tail(std::size_t bytes, Rng& rng);

}  // namespace footbridge::quic
