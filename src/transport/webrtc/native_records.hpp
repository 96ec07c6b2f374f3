// The records by which two native ends agree to carry messages without SCTP, and say that they leave. Each begins with
// a tag of 16 bytes that only the two ends of this DTLS handshake can know (RFC 5705): no message and no SCTP packet
// can be mistaken for one, and what was said on one link means nothing on another. Spec: docs/spec/02-link.md §6.1.
//
// PROPOSE and ACCEPT are longer than any datagram that the link would use, by a random length, because their arrival is
// the proof that such a datagram gets through. CONFIRM, DECLINE and CLOSE have a random length.
// PADDED carries one of the first messages and more bytes that mean nothing, so that no length stands at a fixed place
// of a link (threat T12): a QUIC handshake has datagrams of exactly 1200 bytes, and its acknowledgements are of one
// size. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "transport/webrtc/dtls.hpp"

namespace footbridge::webrtc {

// The longest message of a link without SCTP. QUIC's first packets are 1200 bytes and cannot be shorter; with 37 bytes
// of DTLS around them the datagram has 1237.
inline constexpr std::size_t kMaxNativeMessageBytes = 1200;
inline constexpr std::size_t kNativeTagBytes = 16;
// PROPOSE and ACCEPT: what a shorter one would prove is not enough for a PADDED message. With DTLS, UDP and IPv6 around
// it the longest has 1429 bytes, with IPv4 1409: where a tunnel takes less, a shorter one is drawn for the next try.
inline constexpr std::size_t kMinProbeBytes = 1256;
inline constexpr std::size_t kMaxProbeBytes = kMaxSentRecordBytes;
// PADDED: tag, length of the message in two bytes, message, zeros. So many of the first messages of an end have that
// form: twenty places where a watcher may look, and what is lost or repeated among them.
inline constexpr std::size_t kPaddedHeadBytes = kNativeTagBytes + 2;
inline constexpr std::size_t kPaddedRecords = 32;
inline constexpr std::size_t kMaxPaddingBytes = 400;  // as fillers; six KiB a link and end on the average
static_assert(kPaddedHeadBytes + kMaxNativeMessageBytes < kMinProbeBytes);
// CONFIRM, DECLINE and CLOSE are as long as fillers may be, so that no length says where they stand.
inline constexpr std::size_t kMaxShortNativeBytes = 400;

enum class NativeRecord : std::uint8_t {
  Propose,  // offerer: let us do without SCTP
  Accept,   // answerer: your PROPOSE arrived whole, I am ready
  Confirm,  // offerer: so did your ACCEPT; what follows are messages
  Decline,  // offerer: SCTP it is
  Close,    // either, once messages flow: the end
  Padded,   // either: one of the first messages
};
inline constexpr std::size_t kNativeRecords = 6;

class NativeTags {
 public:
  // Of a handshake that is done; nullopt when the library has no secret to give.
  static std::optional<NativeTags> of(Dtls& dtls);
  // From the exported secret itself: one tag after the other.
  explicit NativeTags(std::array<std::byte, kNativeRecords * kNativeTagBytes> secret) : secret_(secret) {}

  Bytes make(NativeRecord kind, Rng& rng) const;
  // PADDED around a message of at most kMaxNativeMessageBytes.
  Bytes pad(ByteView message, Rng& rng) const;
  // What a PADDED record carries; empty when it is malformed. Any other record: the record itself.
  ByteView message_of(ByteView record) const;
  // nullopt: not one of these.
  std::optional<NativeRecord> kind_of(ByteView record) const;

 private:
  ByteView tag(std::size_t index) const { return ByteView(secret_).subspan(index * kNativeTagBytes, kNativeTagBytes); }

  std::array<std::byte, kNativeRecords * kNativeTagBytes> secret_;
};

// Whether the record, which is a PROPOSE or ACCEPT, proves what it is there to prove.
inline bool is_full_size(ByteView record) { return record.size() >= kMinProbeBytes; }

}  // namespace footbridge::webrtc
