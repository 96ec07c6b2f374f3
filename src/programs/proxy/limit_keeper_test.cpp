// What of a volunteer's limits is the program's: when it looks, what it says of a day, and where it remembers.
#include "programs/proxy/limit_keeper.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <memory>

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
  std::size_t most_slots = 0;
  const observe::LogCapture log;

  LimitKeeper keeper(const std::optional<std::filesystem::path>& directory) {
    return {context.get_executor(), directory, metrics};
  }
  static LimitKeeper::Wish wish(std::optional<std::uint64_t> per_day, std::size_t slots = 2) {
    return {.limits = {.bytes_per_day = per_day}, .slots = slots};
  }
  void start(LimitKeeper& keeper, std::optional<std::uint64_t> per_day) {
    keeper.use(wish(per_day));
    keeper.start({.slots =
                      [this](std::size_t count, Duration) {
                        slots = count;
                        most_slots = std::max(most_slots, count);
                      },
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
  auto wished = wish(std::nullopt);
  wished.pause = Seconds(3'600);
  limits.use(wished);
  EXPECT_EQ(slots, 0U);
  EXPECT_EQ(limits.pause(), core::Pause::Asked);
  limits.use(wish(std::nullopt, 3));
  EXPECT_EQ(slots, 0U) << "a wish for later";
  limits.set_metered(true);
  wished = wish(std::nullopt, 3);
  wished.metered = true;
  wished.resume = true;
  limits.use(wished);
  EXPECT_EQ(limits.pause(), core::Pause::Metered);
  EXPECT_EQ(metrics.paused.value(), 5);
  EXPECT_EQ(slots, 0U);
  limits.set_metered(false);
  EXPECT_EQ(slots, 3U);
  EXPECT_EQ(log.count("paused"), 2U);
  EXPECT_EQ(log.count("resumed"), 1U);
}

TEST_F(LimitKeeperTest, TakesAWishAsAWhole) {
  auto limits = keeper(std::nullopt);
  start(limits, std::nullopt);
  limits.set_metered(true);
  most_slots = 0;
  auto wished = wish(std::nullopt);
  wished.pause = Seconds(3'600);
  limits.use(wished);
  EXPECT_EQ(limits.pause(), core::Pause::Asked);
  wished = wish(std::nullopt);
  wished.metered = true;
  wished.resume = true;
  limits.use(wished);
  EXPECT_EQ(limits.pause(), core::Pause::Metered);
  EXPECT_EQ(most_slots, 0U) << "nobody was to come between two pauses";
  EXPECT_EQ(log.count("resumed"), 0U);
}

TEST_F(LimitKeeperTest, RefusesAnAllowanceThatItCannotRememberWhileItRuns) {
  auto limits = keeper(folder.write("file", "") + "/state");
  start(limits, std::nullopt);
  EXPECT_THROW(limits.use(wish(kSmall, 3)), ops::UsageError);
  EXPECT_FALSE(limits.settings().bytes_per_day);
  EXPECT_EQ(limits.wanted_slots(), 2U);
  limits.use(wish(std::nullopt, 3));
  EXPECT_EQ(slots, 3U);
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

TEST_F(LimitKeeperTest, CountsWhereNobodyElseDoes) {
  const auto state = folder.path("state");
  std::filesystem::create_directory(state);
  auto first = std::make_unique<LimitKeeper>(context.get_executor(), state, metrics);
  start(*first, kSmall);
  auto second = keeper(state);
  EXPECT_THROW(second.require_memory(), ops::UsageError);
  start(second, std::nullopt);
  EXPECT_THROW(second.use(wish(kSmall)), ops::UsageError) << "an allowance that two count is none";
  second.on_helped();
  EXPECT_EQ(log.count("state-not-kept"), 1U);
  carried.up = kSmall;
  first->on_carried();
  EXPECT_EQ(first->pause(), core::Pause::DayUsed);
  first->close();
  first.reset();
  carried = {};
  second.use(wish(kSmall));
  EXPECT_EQ(second.pause(), core::Pause::DayUsed) << "it goes on from what the first one counted";
  EXPECT_EQ(second.record().up_today, kSmall);
}

TEST_F(LimitKeeperTest, TakesAnothersCountAlsoWhereNoDirectoryWasAtItsStart) {
  const auto state = folder.path("state");
  auto late = keeper(state);
  start(late, std::nullopt);
  {
    auto first = keeper(state);
    start(first, kSmall);
    carried.up = kSmall;
    first.on_carried();
    first.close();
  }
  carried = {};
  late.use(wish(kSmall));
  EXPECT_EQ(late.record().up_today, kSmall);
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
