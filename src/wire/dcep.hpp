// Data Channel Establishment Protocol (RFC 8832 §5): the two messages that open a data channel inside an association.
// Sent on the channel's own stream with payload protocol 50, always ordered and reliable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxDcepTextBytes = 256;  // label and protocol, each; RFC allows 65535, nobody needs it

enum class ChannelReliability : std::uint8_t {
  Reliable = 0x00,
  Retransmits = 0x01,  // parameter: how often a message may be resent
  Lifetime = 0x02,     // parameter: milliseconds during which it may be
};

struct DcepOpen {
  bool ordered = true;
  ChannelReliability reliability = ChannelReliability::Reliable;
  std::uint16_t priority = 0;
  std::uint32_t parameter = 0;  // 0 when Reliable
  std::string label;
  std::string protocol;
  friend bool operator==(const DcepOpen&, const DcepOpen&) = default;
};

enum class DcepError : std::uint8_t {
  Truncated = 1,  // shorter than its own lengths say: close the link
  TooLarge,       // label or protocol above kMaxDcepTextBytes, or bytes after the end: close the link
  Unknown,        // another message type or channel type: close the link
};

inline constexpr std::byte kDcepAck{0x02};
inline constexpr std::byte kDcepOpen{0x03};

// RFC 8832 §5.2 makes it one byte; pion pads it to four.
inline constexpr std::size_t kMaxDcepAckBytes = 4;
bool is_dcep_ack(ByteView message);

Result<DcepOpen, DcepError> parse_dcep_open(ByteView message);
Bytes encode_dcep_open(const DcepOpen& open);

}  // namespace footbridge::wire
