#include "wire/dcep.hpp"

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kUnorderedBit = 0x80;

}  // namespace

bool is_dcep_ack(ByteView message) {
  return !message.empty() && message.size() <= kMaxDcepAckBytes && message[0] == kDcepAck;
}

Result<DcepOpen, DcepError> parse_dcep_open(ByteView message) {
  ByteReader in(message);
  const auto type = in.u8();
  const auto channel = in.u8();
  const auto priority = in.u16();
  const auto parameter = in.u32();
  const auto label_bytes = in.u16();
  const auto protocol_bytes = in.u16();
  if (type && std::byte{*type} != kDcepOpen) return DcepError::Unknown;
  if (!protocol_bytes) return DcepError::Truncated;
  const auto reliability = static_cast<std::uint8_t>(*channel & ~kUnorderedBit);
  if (reliability > static_cast<std::uint8_t>(ChannelReliability::Lifetime)) return DcepError::Unknown;
  if (*label_bytes > kMaxDcepTextBytes || *protocol_bytes > kMaxDcepTextBytes) return DcepError::TooLarge;
  const auto label = in.bytes(*label_bytes);
  const auto protocol = in.bytes(*protocol_bytes);
  if (!label || !protocol) return DcepError::Truncated;
  if (!in.empty()) return DcepError::TooLarge;

  DcepOpen open;
  open.ordered = (*channel & kUnorderedBit) == 0;
  open.reliability = static_cast<ChannelReliability>(reliability);
  open.priority = *priority;
  open.parameter = open.reliability == ChannelReliability::Reliable ? 0 : *parameter;
  open.label = to_string(*label);
  open.protocol = to_string(*protocol);
  return open;
}

Bytes encode_dcep_open(const DcepOpen& open) {
  FB_ASSERT(open.label.size() <= kMaxDcepTextBytes && open.protocol.size() <= kMaxDcepTextBytes);
  Bytes out;
  const auto channel =
      static_cast<std::uint8_t>(static_cast<unsigned>(open.reliability) | (open.ordered ? 0U : kUnorderedBit));
  ByteWriter(out)
      .u8(std::to_integer<std::uint8_t>(kDcepOpen))
      .u8(channel)
      .u16(open.priority)
      .u32(open.parameter)
      .u16(static_cast<std::uint16_t>(open.label.size()))
      .u16(static_cast<std::uint16_t>(open.protocol.size()))
      .bytes(as_bytes(open.label))
      .bytes(as_bytes(open.protocol));
  return out;
}

}  // namespace footbridge::wire
