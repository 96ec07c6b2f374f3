#include "core/limits/helping_record.hpp"

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint8_t kVersion = 1;

std::uint64_t check_of(ByteView bytes) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const auto byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01b3;
  return hash;
}

void write(ByteWriter& out, const Period& period) {
  out.u32(period.number).u32(period.behind).u64(period.bytes).u8(period.lost_parts).u8(period.parts);
}

Period read_period(ByteReader& in) {
  return {.number = *in.u32(), .behind = *in.u32(), .bytes = *in.u64(), .lost_parts = *in.u8(), .parts = *in.u8()};
}

bool makes_sense(const Period& period) { return period.parts > 0 && period.lost_parts <= period.parts; }

}  // namespace

bool HelpingRecord::turn(CivilTime at) {
  month.turn(month_of(at));
  if (!day.turn(day_of(at))) return false;
  helped_today = up_today = down_today = 0;
  return true;
}

void HelpingRecord::add(std::uint64_t up_bytes, std::uint64_t down_bytes) {
  day.bytes += up_bytes + down_bytes;
  month.bytes += up_bytes + down_bytes;
  up_today += up_bytes;
  down_today += down_bytes;
  up += up_bytes;
  down += down_bytes;
}

Bytes encode_record(const HelpingRecord& record) {
  Bytes out;
  ByteWriter writer(out);
  writer.u8(kVersion);
  write(writer, record.day);
  write(writer, record.month);
  writer.u64(record.helped_today).u64(record.helped);
  writer.u64(record.up_today).u64(record.down_today).u64(record.up).u64(record.down);
  writer.u64(check_of(out));
  FB_ASSERT(out.size() == kRecordBytes);
  return out;
}

std::optional<HelpingRecord> parse_record(ByteView bytes) {
  if (bytes.size() != kRecordBytes) return std::nullopt;
  ByteReader in(bytes);
  if (*in.u8() != kVersion) return std::nullopt;
  HelpingRecord out{.day = read_period(in), .month = read_period(in)};
  for (auto* field : {&out.helped_today, &out.helped, &out.up_today, &out.down_today, &out.up, &out.down})
    *field = *in.u64();
  if (*in.u64() != check_of(bytes.first(kRecordBytes - sizeof(std::uint64_t)))) return std::nullopt;
  return makes_sense(out.day) && makes_sense(out.month) ? std::optional(out) : std::nullopt;
}

HelpingRecord lost_record(CivilTime at) {
  HelpingRecord out;
  out.turn(at);
  out.day.lost_parts = 1;
  out.month.parts = static_cast<std::uint8_t>(days_in_month(at));
  out.month.lost_parts = static_cast<std::uint8_t>(unsigned{date_of(at).day()});
  return out;
}

}  // namespace footbridge::core
