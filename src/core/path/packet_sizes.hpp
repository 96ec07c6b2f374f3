// Sizes of the packets on a path. A message that is not a whole number of SCTP fragments costs a data channel 2 to 4.6
// times the CPU, so packets come in three sizes only, each filling its fragments exactly. Spec: docs/spec/04-path.md
// §6.
#pragma once

#include <array>
#include <cstddef>

namespace footbridge::core {

// Payload of one SCTP DATA chunk when a link's UDP payloads stay within 1200 bytes.
inline constexpr std::size_t kFragmentBytes = 1132;

// The rungs of the ladder, smallest first. Above 8 fragments nothing is gained and one lost fragment costs too much.
inline constexpr std::array<std::size_t, 3> kPacketRungs = {kFragmentBytes, 4 * kFragmentBytes, 8 * kFragmentBytes};
inline constexpr std::size_t kMaxPacketBytes = kPacketRungs.back();

}  // namespace footbridge::core
