// CRC32c, SCTP's checksum (RFC 9260 appendix A), by the CPU's own instruction. libusrsctp's table version costs an
// eighth of a sender's CPU; it is used where the instruction is missing.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace footbridge::webrtc {

bool cpu_has_crc32c();
// Only where cpu_has_crc32c().
std::uint32_t crc32c(ByteView data);

}  // namespace footbridge::webrtc
