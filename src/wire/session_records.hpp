// Records on session stream 0: what the two ends of a session say about streams and about the session itself
// (docs/spec/03-session.md §6.3). Stream 0 is an ordinary stream of the session, one in each direction, so a record is
// as reliable as data and tied to no path. A record is: type (one byte), length (varint), body.
//
// Bounds: a body is at most kMaxRecordBody bytes. Unknown types are an error outside the ignorable range 0x40–0x5f;
// unknown bytes at the end of a known body are skipped. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxRecordBody = 256;  // the largest known body is 17 bytes; room for what will be added

// Why one direction of a stream was given up. Sent as a varint; an unknown number reads as Internal.
enum class ResetCode : std::uint8_t {
  Internal = 0,         // a bug or an unforeseen error at the sender
  Cancelled = 1,        // the application closed its side without reading or writing to the end
  ConnectionReset = 2,  // the destination reset the TCP connection
  TimedOut = 3,         // the destination fell silent
  Limit = 4,            // too many streams, or the operator's limits
  EgressRestarted = 5,  // the egress lost its memory of the stream; opening it again is fine
};
std::string_view name(ResetCode code);

// The sender of `stream` gives it up; nothing at or above final_size was or will be sent. Frees the receiver's credit.
struct ResetRecord {
  std::uint64_t stream = 0;
  ResetCode code = ResetCode::Internal;
  std::uint64_t final_size = 0;
};
// The receiver of `stream` reads no more; the other end answers with a RESET (or has finished already).
struct StopRecord {
  std::uint64_t stream = 0;
  ResetCode code = ResetCode::Internal;
};
// The egress will leave after `seconds`: open no new streams here, make another session.
struct GoAwayRecord {
  std::uint64_t seconds = 0;
};
struct IgnorableRecord {
  std::uint8_t type = 0x40;
};
using Record = std::variant<ResetRecord, StopRecord, GoAwayRecord, IgnorableRecord>;

enum class RecordErrc : std::uint8_t {
  Truncated = 1,  // need more input; keep the bytes
  UnknownType,    // neither known nor ignorable; end the session
  TooLarge,       // the body is above its bound; end the session
  Malformed,      // fields do not fit the body or are out of range; end the session
};
std::string_view name(RecordErrc error);

struct ParsedRecord {
  Record record;
  std::size_t bytes = 0;  // how much of the input it took
};
// Reads the first record of `in`.
Result<ParsedRecord, RecordErrc> parse_record(ByteView in);
Bytes encode_record(const Record& record);  // an IgnorableRecord gets an empty body

}  // namespace footbridge::wire
