#include "wire/session_frames.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {

using FrameResult = Result<std::optional<Frame>, FrameErrc>;

std::string_view name(FrameErrc error) {
  switch (error) {
    case FrameErrc::Truncated: return "truncated";
    case FrameErrc::UnknownType: return "unknown-type";
    case FrameErrc::OutOfRange: return "out-of-range";
  }
  FB_ASSERT(false);
}

FrameResult FrameReader::next() {
  const auto type = in_.u8();
  if (!type) return std::optional<Frame>{};
  if (*type >= kDataType && *type <= (kDataType | kDataFinFlag | kDataLengthFlag)) return data(*type);
  if (*type >= kFirstIgnorableType && *type <= kLastIgnorableType) return ignorable(*type);
  switch (*type) {
    case kPadType: return std::optional<Frame>{PadFrame{in_.bytes(in_.remaining())->size()}};
    case kWindowType: return window();
    case kSessionLimitType: {
      const auto limit = in_.varint();
      if (!limit) return FrameErrc::Truncated;
      return std::optional<Frame>{SessionLimitFrame{*limit}};
    }
    case kFlowType:
    case kFlowType | kFlowLengthFlag: return flow(*type);
    default: return FrameErrc::UnknownType;
  }
}

FrameResult FrameReader::data(std::uint8_t type) {
  const auto stream = in_.varint();
  const auto offset = stream ? in_.varint() : std::nullopt;
  if (!offset) return FrameErrc::Truncated;
  std::uint64_t length = in_.remaining();
  if ((type & kDataLengthFlag) != 0) {
    const auto given = in_.varint();
    if (!given || *given > in_.remaining()) return FrameErrc::Truncated;
    length = *given;
  }
  if (*stream > kMaxStreamId || *offset > kMaxOffset - length) return FrameErrc::OutOfRange;
  const auto payload = in_.bytes(static_cast<std::size_t>(length));
  return std::optional<Frame>{DataFrame{*stream, *offset, (type & kDataFinFlag) != 0, *payload}};
}

FrameResult FrameReader::window() {
  const auto stream = in_.varint();
  const auto contiguous = stream ? in_.varint() : std::nullopt;
  const auto limit = contiguous ? in_.varint() : std::nullopt;
  if (!limit) return FrameErrc::Truncated;
  if (*stream > kMaxStreamId || *contiguous > kMaxOffset + 1 || *limit > kMaxOffset) return FrameErrc::OutOfRange;
  return std::optional<Frame>{WindowFrame{*stream, *contiguous, *limit}};
}

FrameResult FrameReader::flow(std::uint8_t type) {
  const auto flow = in_.varint();
  if (!flow) return FrameErrc::Truncated;
  std::uint64_t length = in_.remaining();
  if ((type & kFlowLengthFlag) != 0) {
    const auto given = in_.varint();
    if (!given || *given > in_.remaining()) return FrameErrc::Truncated;
    length = *given;
  }
  if (*flow > kMaxFlowId) return FrameErrc::OutOfRange;
  return std::optional<Frame>{FlowFrame{*flow, *in_.bytes(static_cast<std::size_t>(length))}};
}

FrameResult FrameReader::ignorable(std::uint8_t type) {
  const auto length = in_.varint();
  if (!length || *length > in_.remaining()) return FrameErrc::Truncated;
  return std::optional<Frame>{IgnorableFrame{type, *in_.bytes(static_cast<std::size_t>(*length))}};
}

std::optional<FrameWriter::DataSlot> FrameWriter::data(std::uint64_t stream, std::uint64_t offset, std::uint64_t wanted,
                                                       bool fin) {
  const auto header = 1 + varint_bytes(stream) + varint_bytes(offset);
  if (room() < header + (wanted == 0 ? 0 : 1)) return std::nullopt;
  const std::uint64_t widest = room() - header;
  const auto payload = static_cast<std::size_t>(std::min(wanted, widest));
  // Where a length would push bytes out, the frame goes without and ends the datagram.
  const bool last = payload + varint_bytes(payload) > widest;
  const bool with_fin = fin && payload == wanted;
  put(static_cast<std::uint8_t>(kDataType | (with_fin ? kDataFinFlag : 0) | (last ? 0 : kDataLengthFlag)));
  put_varint(stream);
  put_varint(offset);
  if (!last) put_varint(payload);
  const DataSlot slot{out_.subspan(used_, payload), with_fin};
  used_ += payload;
  if (last) out_ = out_.first(used_);
  return slot;
}

bool FrameWriter::window(const WindowFrame& frame) {
  if (room() < 1 + varint_bytes(frame.stream) + varint_bytes(frame.contiguous) + varint_bytes(frame.limit))
    return false;
  put(kWindowType);
  put_varint(frame.stream);
  put_varint(frame.contiguous);
  put_varint(frame.limit);
  return true;
}

bool FrameWriter::session_limit(std::uint64_t limit) {
  if (room() < 1 + varint_bytes(limit)) return false;
  put(kSessionLimitType);
  put_varint(limit);
  return true;
}

std::size_t FrameWriter::flow_room(std::uint64_t flow) const {
  const auto header = 1 + varint_bytes(flow);
  return room() > header ? room() - header : 0;
}

bool FrameWriter::flow(const FlowFrame& frame, ByteView head) {
  const auto body_bytes = head.size() + frame.body.size();
  if (room() < 1 + varint_bytes(frame.flow) + body_bytes) return false;
  const bool last = room() < 1 + varint_bytes(frame.flow) + varint_bytes(body_bytes) + body_bytes;
  put(static_cast<std::uint8_t>(kFlowType | (last ? 0 : kFlowLengthFlag)));
  put_varint(frame.flow);
  if (!last) put_varint(body_bytes);
  put_bytes(head);
  put_bytes(frame.body);
  if (last) out_ = out_.first(used_);  // whatever followed would be read as part of the body
  return true;
}

bool FrameWriter::ignorable(std::uint8_t type, ByteView body) {
  FB_ASSERT(type >= kFirstIgnorableType && type <= kLastIgnorableType);
  if (room() < 1 + varint_bytes(body.size()) + body.size()) return false;
  put(type);
  put_varint(body.size());
  put_bytes(body);
  return true;
}

bool FrameWriter::pad() {
  if (room() == 0) return false;
  std::ranges::fill(out_.subspan(used_), std::byte{kPadType});
  used_ = out_.size();
  return true;
}

void FrameWriter::put_varint(std::uint64_t value) {
  const auto length = varint_bytes(value);
  const unsigned prefix = length == 1 ? 0U : length == 2 ? 0x40U : length == 4 ? 0x80U : 0xc0U;
  for (std::size_t i = length; i-- > 0;) put(static_cast<std::uint8_t>(value >> (8 * i)));
  out_[used_ - length] |= static_cast<std::byte>(prefix);
}

void FrameWriter::put_bytes(ByteView bytes) {
  if (bytes.empty()) return;
  std::memcpy(out_.data() + used_, bytes.data(), bytes.size());
  used_ += bytes.size();
}

}  // namespace footbridge::wire
