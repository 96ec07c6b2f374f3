// The frames of a session datagram (docs/spec/03-session.md §6.1). A QUIC DATAGRAM holds a row of frames up to its end;
// each begins with one type byte, numbers are QUIC varints (RFC 9000 §16).
//
//   0x00       PAD     the rest of the datagram is padding, whatever it holds
//   0x10|flags D       stream, offset, [length], payload; without a length the payload runs to the datagram's end
//   0x20       W       stream, contiguous, limit: what arrived in one piece, and how far the sender may go
//   0x21       M       limit: how far the offsets of all streams together may go
//   0x30|flag  U       flow, [length], body: a message about a UDP flow, or a piece of one (session_flow.hpp)
//   0x40–0x5f  ignorable: length, body. Skipped, and sent at random so that skipping stays true (RFC 8701)
//
// A position is an offset, or the end of the stream, which counts as one position after its last byte: W with
// contiguous = final size + 1 says that the end itself has arrived.
//
// Bounds: none of its own, the datagram is the bound. Views point into the input. Errors: the peer broke the format,
// or speaks a version it did not negotiate; close the path. Thread: any, holds no shared state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/byte_reader.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::uint8_t kPadType = 0x00;
inline constexpr std::uint8_t kDataType = 0x10;        // with the two flags: 0x10–0x13
inline constexpr std::uint8_t kDataFinFlag = 0x01;     // the payload's last byte is the stream's last
inline constexpr std::uint8_t kDataLengthFlag = 0x02;  // a length field is present, other frames may follow
inline constexpr std::uint8_t kWindowType = 0x20;
inline constexpr std::uint8_t kSessionLimitType = 0x21;
inline constexpr std::uint8_t kFlowType = 0x30;        // with the flag: 0x30–0x31
inline constexpr std::uint8_t kFlowLengthFlag = 0x01;  // a length field is present, other frames may follow
inline constexpr std::uint8_t kFirstIgnorableType = 0x40;
inline constexpr std::uint8_t kLastIgnorableType = 0x5f;

// Type, stream below 2^30, offset of eight bytes, length of two: what a full datagram gives away at most.
inline constexpr std::size_t kMaxDataOverheadBytes = 16;
// Stream numbers stay below this, so that they fit into four bytes; a session that used them all is replaced.
inline constexpr std::uint64_t kMaxStreamId = (std::uint64_t{1} << 30) - 1;
// Type and flow: what a U frame to the datagram's end spends on its body. Flows are numbered like streams.
inline constexpr std::uint64_t kMaxFlowId = (std::uint64_t{1} << 30) - 1;
// Offsets stay below this: one position more for the end, and sums of them still fit into a varint.
inline constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 60;

struct PadFrame {
  std::size_t bytes = 0;  // what was skipped, without the type byte
};
struct DataFrame {
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
  bool fin = false;
  ByteView payload;
};
struct WindowFrame {
  std::uint64_t stream = 0;
  std::uint64_t contiguous = 0;  // position: every one below it has arrived
  std::uint64_t limit = 0;       // first offset that may not be sent
};
struct SessionLimitFrame {
  std::uint64_t limit = 0;
};
struct FlowFrame {
  std::uint64_t flow = 0;
  ByteView body;
};
struct IgnorableFrame {
  std::uint8_t type = kFirstIgnorableType;
  ByteView body;
};
using Frame = std::variant<PadFrame, DataFrame, WindowFrame, SessionLimitFrame, FlowFrame, IgnorableFrame>;

enum class FrameErrc : std::uint8_t {
  Truncated = 1,  // a field runs over the datagram's end; close the path
  UnknownType,    // neither known nor ignorable; close the path
  OutOfRange,     // a stream or flow number or an offset above its bound; close the path
};
std::string_view name(FrameErrc error);

// Reads one datagram frame by frame: next() until nullopt or an error, after which the reader is spent.
class FrameReader {
 public:
  explicit FrameReader(ByteView datagram) : in_(datagram) {}
  Result<std::optional<Frame>, FrameErrc> next();

 private:
  Result<std::optional<Frame>, FrameErrc> data(std::uint8_t type);
  Result<std::optional<Frame>, FrameErrc> window();
  Result<std::optional<Frame>, FrameErrc> flow(std::uint8_t type);
  Result<std::optional<Frame>, FrameErrc> ignorable(std::uint8_t type);
  ByteReader in_;
};

// Writes frames into a buffer of fixed size. A frame that does not fit is not begun, and the answer is false.
class FrameWriter {
 public:
  explicit FrameWriter(ByteSpan out) : out_(out) {}

  // Where the payload of a D frame goes: the caller fills `payload` completely.
  struct DataSlot {
    ByteSpan payload;
    bool fin = false;  // the end was asked for and all bytes fit
  };
  // Begins a D frame with as many of `wanted` bytes as fit. `fin` says that the stream ends after them. Where no room
  // would be left for another frame it carries no length and ends the datagram. nullopt: not one byte (or not the bare
  // end) fits.
  std::optional<DataSlot> data(std::uint64_t stream, std::uint64_t offset, std::uint64_t wanted, bool fin);
  bool window(const WindowFrame& frame);
  bool session_limit(std::uint64_t limit);
  // The body is `head` and then the frame's own. Carries a length unless there is only just no room for one; then
  // nothing may follow.
  bool flow(const FlowFrame& frame, ByteView head = {});
  // The largest body that flow() takes now.
  std::size_t flow_room(std::uint64_t flow) const;
  bool ignorable(std::uint8_t type, ByteView body);
  bool pad();  // zeros to the end

  std::size_t bytes() const { return used_; }
  std::size_t room() const { return out_.size() - used_; }

 private:
  void put(std::uint8_t value) { out_[used_++] = static_cast<std::byte>(value); }
  void put_varint(std::uint64_t value);
  void put_bytes(ByteView bytes);
  ByteSpan out_;
  std::size_t used_ = 0;
};

}  // namespace footbridge::wire
