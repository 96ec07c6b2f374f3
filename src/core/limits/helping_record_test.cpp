#include "core/limits/helping_record.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

HelpingRecord some_record() {
  HelpingRecord out;
  out.turn(on_wall(2026, 11, 21, 12));
  out.add(1'000, 20'000);
  out.helped_today = 3;
  out.helped = 400;
  return out;
}

TEST(HelpingRecordTest, IsReadAsItWasWritten) {
  const auto record = some_record();
  EXPECT_EQ(encode_record(record).size(), kRecordBytes);
  EXPECT_EQ(parse_record(encode_record(record)), record);
}

TEST(HelpingRecordTest, ThatIsTornOrChangedIsNone) {
  const auto bytes = encode_record(some_record());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(parse_record(ByteView(bytes).first(length)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= std::byte{1};
    EXPECT_FALSE(parse_record(changed)) << at;
  }
  EXPECT_FALSE(parse_record(Bytes(kRecordBytes)));
}

TEST(HelpingRecordTest, BeginsADayAtMidnightAndAMonthOnItsFirst) {
  auto record = some_record();
  EXPECT_FALSE(record.turn(on_wall(2026, 11, 21, 23, 59, 59)));
  EXPECT_TRUE(record.turn(on_wall(2026, 11, 22)));
  EXPECT_EQ(record.day.bytes, 0U);
  EXPECT_EQ(record.helped_today + record.up_today + record.down_today, 0U);
  EXPECT_EQ(record.month.bytes, 21'000U);
  EXPECT_EQ(record.helped, 400U);
  EXPECT_TRUE(record.turn(on_wall(2026, 12, 1)));
  EXPECT_EQ(record.month.bytes, 0U);
  EXPECT_EQ(record.up + record.down, 21'000U);
}

TEST(HelpingRecordTest, ForgetsNothingWhenTheClockGoesBack) {
  auto record = some_record();
  EXPECT_FALSE(record.turn(on_wall(1970, 1, 1))) << "a machine that has not heard the time yet";
  record.add(500, 0);
  EXPECT_FALSE(record.turn(on_wall(2026, 11, 21, 18))) << "now it has";
  EXPECT_EQ(record.day.bytes, 21'500U);
  EXPECT_TRUE(record.turn(on_wall(2026, 11, 22)));
}

TEST(HelpingRecordTest, CountsOnAfterAClockThatWasInTheFuture) {
  HelpingRecord record;
  record.turn(on_wall(2099, 5, 5));
  record.add(700, 0);
  EXPECT_FALSE(record.turn(on_wall(2026, 11, 21)));
  EXPECT_EQ(record.day.bytes, 700U);
  EXPECT_TRUE(record.turn(on_wall(2026, 11, 22))) << "a day has gone by on the clock that is right";
  EXPECT_EQ(record.day.bytes, 0U);
  EXPECT_EQ(record.month.bytes, 700U);
  record.turn(on_wall(2026, 12, 1));
  EXPECT_EQ(record.month.bytes, 0U);
}

TEST(HelpingRecordTest, ThatWasLostCountsAsUsedAsFarAsMustBeFeared) {
  auto record = lost_record(on_wall(2026, 11, 15, 10));
  EXPECT_EQ(record.day.used(1'000), 1'000U);
  EXPECT_EQ(record.month.used(3'000), 1'500U) << "15 of 30 days";
  record.add(10, 0);
  EXPECT_EQ(record.month.used(3'000), 1'510U);
  EXPECT_EQ(parse_record(encode_record(record)), record) << "that is kept, too";
  record.turn(on_wall(2026, 11, 16));
  EXPECT_EQ(record.day.used(1'000), 0U);
  EXPECT_EQ(record.month.used(3'000), 1'510U);
  record.turn(on_wall(2026, 12, 1));
  EXPECT_EQ(record.month.used(3'000), 0U);
  constexpr auto kMost = UINT64_MAX;
  EXPECT_EQ(lost_record(on_wall(2026, 11, 30)).month.used(kMost), kMost);
  EXPECT_EQ((Period{.bytes = 5, .lost_parts = 1, .parts = 1}.used(kMost)), kMost);
}

}  // namespace
}  // namespace footbridge::core
