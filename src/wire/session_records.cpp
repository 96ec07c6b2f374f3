#include "wire/session_records.hpp"

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kResetType = 0x01;
constexpr std::uint8_t kStopType = 0x02;
constexpr std::uint8_t kGoAwayType = 0x03;
constexpr std::uint64_t kLastResetCode = static_cast<std::uint64_t>(ResetCode::EgressRestarted);

ResetCode known(std::uint64_t code) {
  return code <= kLastResetCode ? static_cast<ResetCode>(code) : ResetCode::Internal;
}

Result<Record, RecordErrc> parse_body(std::uint8_t type, ByteView body) {
  ByteReader in(body);
  if (type >= kFirstIgnorableType && type <= kLastIgnorableType) return Record{IgnorableRecord{type}};
  if (type == kGoAwayType) {
    const auto seconds = in.varint();
    if (!seconds) return RecordErrc::Malformed;
    return Record{GoAwayRecord{*seconds}};
  }
  if (type != kResetType && type != kStopType) return RecordErrc::UnknownType;
  const auto stream = in.varint();
  const auto code = stream ? in.varint() : std::nullopt;
  // Stream 0 carries this very record: it can be neither reset nor stopped.
  if (!code || *stream == 0 || *stream > kMaxStreamId) return RecordErrc::Malformed;
  if (type == kStopType) return Record{StopRecord{*stream, known(*code)}};
  const auto final_size = in.varint();
  if (!final_size || *final_size > kMaxOffset) return RecordErrc::Malformed;
  return Record{ResetRecord{*stream, known(*code), *final_size}};
}

}  // namespace

std::string_view name(ResetCode code) {
  switch (code) {
    case ResetCode::Internal: return "internal";
    case ResetCode::Cancelled: return "cancelled";
    case ResetCode::ConnectionReset: return "connection-reset";
    case ResetCode::TimedOut: return "timed-out";
    case ResetCode::Limit: return "limit";
    case ResetCode::EgressRestarted: return "egress-restarted";
  }
  FB_ASSERT(false);
}

std::string_view name(RecordErrc error) {
  switch (error) {
    case RecordErrc::Truncated: return "truncated";
    case RecordErrc::UnknownType: return "unknown-type";
    case RecordErrc::TooLarge: return "too-large";
    case RecordErrc::Malformed: return "malformed";
  }
  FB_ASSERT(false);
}

Result<ParsedRecord, RecordErrc> parse_record(ByteView bytes) {
  ByteReader in(bytes);
  const auto type = in.u8();
  const auto length = type ? in.varint() : std::nullopt;
  if (!length) return RecordErrc::Truncated;
  if (*length > kMaxRecordBody) return RecordErrc::TooLarge;
  const auto body = in.bytes(static_cast<std::size_t>(*length));
  if (!body) return RecordErrc::Truncated;
  auto record = parse_body(*type, *body);
  if (!record) return record.error();
  return ParsedRecord{std::move(*record), bytes.size() - in.remaining()};
}

Bytes encode_record(const Record& record) {
  Bytes body;
  ByteWriter fields(body);
  const auto type = std::visit(
      Overloaded{[&](const ResetRecord& reset) {
                   fields.varint(reset.stream).varint(static_cast<std::uint64_t>(reset.code)).varint(reset.final_size);
                   return kResetType;
                 },
                 [&](const StopRecord& stop) {
                   fields.varint(stop.stream).varint(static_cast<std::uint64_t>(stop.code));
                   return kStopType;
                 },
                 [&](const GoAwayRecord& go_away) {
                   fields.varint(go_away.seconds);
                   return kGoAwayType;
                 },
                 [&](const IgnorableRecord& ignorable) { return ignorable.type; }},
      record);
  Bytes out;
  ByteWriter(out).u8(type).varint(body.size()).bytes(body);
  return out;
}

}  // namespace footbridge::wire
