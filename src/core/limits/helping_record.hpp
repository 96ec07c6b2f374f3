// HelpingRecord: what a volunteer's installation remembers of its help: bytes and people, never who. A small value that
// whoever runs the volunteer keeps for it, in a file or in a browser's storage. Pure.
//
// As bytes: u8 version | day | month | u64 helped today, ever | u64 up today, down today, up ever, down ever | u64
// check where day and month are u32 number | u32 behind | u64 bytes | u8 lost parts | u8 parts, and the check is FNV-1a
// of all before it: it tells a torn record, and protects against nobody.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "core/limits/civil_time.hpp"
#include "core/limits/period.hpp"

namespace footbridge::core {

inline constexpr std::size_t kRecordBytes = 93;

struct HelpingRecord {
  Period day;
  Period month;
  std::uint64_t helped_today = 0;  // people
  std::uint64_t helped = 0;        // people ever
  std::uint64_t up_today = 0;      // bytes, from clients
  std::uint64_t down_today = 0;
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  friend bool operator==(const HelpingRecord&, const HelpingRecord&) = default;

  // True: another day has begun.
  bool turn(CivilTime at);
  void add(std::uint64_t up_bytes, std::uint64_t down_bytes);
};

Bytes encode_record(const HelpingRecord& record);
// nullopt: torn, or of another version.
std::optional<HelpingRecord> parse_record(ByteView bytes);
// In place of one that cannot be read: the day counts as used up, and of the month what of it has gone by.
HelpingRecord lost_record(CivilTime at);

}  // namespace footbridge::core
