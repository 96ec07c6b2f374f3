// What of a volunteer's limits is the program's: when it looks, what it says of a day, and where it remembers.
#include "programs/proxy/limit_keeper.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "observe/logger.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::proxy {
namespace {

constexpr std::uint64_t kSmall = 1'000'000;
// A day apart at every moment.
constexpr auto kFarWest = "WEST+12";
constexpr auto kFarEast = "EAST-14";

struct LimitKeeperTest : testing::Test {
  asio::io_context context;
  observe::Registry registry;
  LimitMetrics metrics{registry};
  ops::ScratchDir folder;
  LimitKeeper::Carried carried;
  int ended = 0;
  std::size_t slots = 0;
  const observe::LogCapture log;

  LimitKeeper keeper(const std::optional<std::filesystem::path>& directory) {
    return {context.get_executor(), directory, metrics};
  }
  void start(LimitKeeper& keeper, std::optional<std::uint64_t> per_day) {
    keeper.use({.hours = {}, .bytes_per_day = per_day}, 2);
    keeper.start({.slots = [this](std::size_t count, Duration) { slots = count; },
                  .end_all = [this] { ++ended; },
                  .carried = [this] { return carried; },
                  .helping = [] { return std::size_t{1}; }});
  }
};

TEST_F(LimitKeeperTest, EndsEverythingAHundredthBeyondASmallAllowanceToo) {
  auto limits = keeper(folder.path("state"));
  limits.require_memory();
  start(limits, kSmall);
  carried.up = kSmall;
  limits.on_carried();
  EXPECT_EQ(limits.pause(), core::Pause::DayUsed);
  EXPECT_EQ(ended, 0);
  carried.down = kSmall / 100;
  limits.on_carried();
  EXPECT_EQ(ended, 1);
}

TEST_F(LimitKeeperTest, LooksSeldomWhereNothingIsUsedUp) {
  auto limits = keeper(std::nullopt);
  start(limits, std::nullopt);
  carried.up = kCountedBytes - 1;
  limits.on_carried();
  EXPECT_EQ(metrics.today_bytes.value(), 0);
  ++carried.up;
  limits.on_carried();
  EXPECT_EQ(metrics.today_bytes.value(), static_cast<std::int64_t>(kCountedBytes));
}

TEST_F(LimitKeeperTest, PausesWhileSomebodyAsksForItOrTheConnectionCosts) {
  auto limits = keeper(std::nullopt);
  start(limits, std::nullopt);
  EXPECT_EQ(slots, 2U);
  limits.pause_for(Seconds(3'600));
  EXPECT_EQ(slots, 0U);
  EXPECT_EQ(limits.pause(), core::Pause::Asked);
  limits.use_slots(3);
  EXPECT_EQ(slots, 0U) << "a wish for later";
  limits.set_metered(true);
  limits.resume();
  EXPECT_EQ(limits.pause(), core::Pause::Metered);
  EXPECT_EQ(metrics.paused.value(), 5);
  EXPECT_EQ(slots, 0U);
  limits.set_metered(false);
  EXPECT_EQ(slots, 3U);
  EXPECT_EQ(log.count("paused"), 2U);
  EXPECT_EQ(log.count("resumed"), 1U);
}

TEST_F(LimitKeeperTest, SaysWhatADayWasWhenTheFirstOfTheNextComes) {
  const ops::ScopedEnvironment zone("TZ", kFarWest);
  auto limits = keeper(std::nullopt);
  start(limits, std::nullopt);
  limits.on_helped();
  EXPECT_EQ(log.count("day-over"), 0U);
  carried = {.up = 1'700'000, .down = 5'300'001};
  limits.on_carried();
  const ops::ScopedEnvironment later("TZ", kFarEast);
  limits.on_helped();
  ASSERT_EQ(log.count("day-over"), 1U);
  const auto day = log.records().back();
  EXPECT_EQ(day.field("up_mib"), "2") << "one person's bytes would be known by their number";
  EXPECT_EQ(day.field("down_mib"), "5");
  EXPECT_EQ(day.fields.size(), 3U);
  EXPECT_EQ(metrics.helped_today.value(), 1);
  EXPECT_EQ(metrics.helped_ever.value(), 2);
}

TEST_F(LimitKeeperTest, WantsAPlaceWhereAnAllowanceIsRemembered) {
  keeper(folder.path("state")).require_memory();
  EXPECT_TRUE(std::filesystem::exists(folder.path("state/helping-record")));
  const auto file = folder.write("file", "");
  EXPECT_THROW(keeper(file + "/state").require_memory(), ops::UsageError);
  EXPECT_THROW(keeper(std::nullopt).require_memory(), ops::UsageError);
}

}  // namespace
}  // namespace footbridge::proxy
