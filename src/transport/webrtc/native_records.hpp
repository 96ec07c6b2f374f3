// The records by which two native ends agree to carry messages without SCTP, and say that they leave. Each begins with
// a tag of 16 bytes that only the two ends of this DTLS handshake can know (RFC 5705): no message and no SCTP packet
// can be mistaken for one, and what was said on one link means nothing on another. Spec: docs/spec/02-link.md §6.1.
//
// PROPOSE and ACCEPT fill a datagram of the largest size that the link would use, because their arrival is the proof
// that such a datagram gets through. The others have a random length.
// Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "transport/webrtc/dtls.hpp"

namespace footbridge::webrtc {

// The longest message of a link without SCTP, and the length of PROPOSE and ACCEPT. QUIC's first packets are 1200 bytes
// and cannot be shorter; with 37 bytes of DTLS around them the datagram has 1237.
inline constexpr std::size_t kMaxNativeMessageBytes = 1200;
inline constexpr std::size_t kNativeTagBytes = 16;
// CONFIRM, DECLINE and CLOSE are as long as fillers may be, so that no length says where they stand.
inline constexpr std::size_t kMaxShortNativeBytes = 400;

enum class NativeRecord : std::uint8_t {
  Propose,  // offerer: let us do without SCTP
  Accept,   // answerer: your PROPOSE arrived whole, I am ready
  Confirm,  // offerer: so did your ACCEPT; what follows are messages
  Decline,  // offerer: SCTP it is
  Close,    // either, once messages flow: the end
};
inline constexpr std::size_t kNativeRecords = 5;

class NativeTags {
 public:
  // Of a handshake that is done; nullopt when the library has no secret to give.
  static std::optional<NativeTags> of(Dtls& dtls);
  // From the exported secret itself: one tag after the other.
  explicit NativeTags(std::array<std::byte, kNativeRecords * kNativeTagBytes> secret) : secret_(secret) {}

  Bytes make(NativeRecord kind, Rng& rng) const;
  // nullopt: not one of these.
  std::optional<NativeRecord> kind_of(ByteView record) const;

 private:
  ByteView tag(std::size_t index) const { return ByteView(secret_).subspan(index * kNativeTagBytes, kNativeTagBytes); }

  std::array<std::byte, kNativeRecords * kNativeTagBytes> secret_;
};

// Whether the record, which is a PROPOSE or ACCEPT, proves what it is there to prove.
inline bool is_full_size(ByteView record) { return record.size() == kMaxNativeMessageBytes; }

}  // namespace footbridge::webrtc
