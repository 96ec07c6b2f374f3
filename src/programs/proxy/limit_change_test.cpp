#include "programs/proxy/limit_change.hpp"

#include <gtest/gtest.h>

#include "ops/errors.hpp"

namespace footbridge::proxy {
namespace {

VolunteerOptions options() {
  VolunteerOptions out;
  out.egress.emplace_back(ops::ValueType<ops::WsUrl>::parse("wss://egress.example/leg").value());
  out.ways.broker.emplace_back(ops::ValueType<ops::HttpUrl>::parse("https://broker.example/").value());
  out.link.state_dir = ops::FilePath{"/nonexistent"};
  return out;
}

std::string refusal(std::string_view query) {
  try {
    static_cast<void>(limit_change(options(), query));
  } catch (const ops::UsageError& error) {
    return error.what();
  }
  return "taken";
}

TEST(LimitChange, TakesOptionsAsTheEnvironmentWritesThem) {
  const auto change =
      limit_change(options(), "slots=5&max_rate=2MB&hours=fri-sun%2022:00-06:00,12:00-13:00&per_day=5GB");
  EXPECT_EQ(change.options.slots, 5U);
  EXPECT_EQ(change.options.max_rate->bytes, 2'000'000U);
  EXPECT_EQ(change.options.hours.size(), 2U);
  EXPECT_EQ(change.options.per_day->bytes, 5'000'000'000U);
  EXPECT_FALSE(change.options.per_month);
  EXPECT_FALSE(change.pause);
}

TEST(LimitChange, LeavesAloneWhatIsNotNamedAndTakesAwayWhatIsEmpty) {
  auto before = limit_change(options(), "max_rate=2MB&per_day=5GB&hours=12:00-13:00").options;
  const auto after = limit_change(before, "per_day=&hours=").options;
  EXPECT_EQ(after.max_rate, before.max_rate);
  EXPECT_FALSE(after.per_day);
  EXPECT_TRUE(after.hours.empty());
}

TEST(LimitChange, PausesForATimeAndGoesOn) {
  EXPECT_EQ(limit_change(options(), "pause=90m").pause, Seconds(5'400));
  EXPECT_TRUE(limit_change(options(), "resume").resume);
  EXPECT_EQ(refusal("pause=8d"),
            "/limits: pause: \"8d\" is too large; it needs a duration with its unit (ms, s, m, h, d), 1s to 7d, for "
            "example 1h");
  EXPECT_NE(refusal("pause=0s"), "taken");
  EXPECT_NE(refusal("pause"), "taken");
  EXPECT_NE(refusal("pause=1h&resume"), "taken");
}

TEST(LimitChange, SaysWhatIsWrongInTheWordsOfTheCommandLine) {
  EXPECT_EQ(refusal("slots=11"),
            "/limits: slots: \"11\" is too large; it needs a whole number, 1 to 10, for example 2");
  EXPECT_EQ(refusal("slots="), "/limits: slots needs a value: a whole number, 1 to 10, for example 2");
  EXPECT_EQ(refusal("slot=1"), "/limits: unknown limit slot; did you mean slots?");
  EXPECT_EQ(refusal("max_rate=%2"), "/limits: % stands before two hexadecimal digits");
  EXPECT_NE(refusal("max_rate=5"), "taken") << "without its unit";
}

TEST(LimitChange, TouchesNothingThatIsNoLimit) {
  for (const auto* query : {"egress=wss://other.example/leg", "allow_private_egress=true", "log.level=debug", "dir=/"})
    EXPECT_NE(refusal(query), "taken") << query;
}

TEST(LimitChange, IsAllOrNothing) { EXPECT_NE(refusal("slots=3&per_day=1B"), "taken"); }

TEST(LimitsText, SaysWhatIsInForceAsItIsWritten) {
  EXPECT_EQ(limits_text(options()), "slots=2 metered=auto");
  EXPECT_EQ(limits_text(limit_change(options(), "slots=3&max_rate=2MB&hours=12:00-13:00").options),
            "slots=3 max_rate=2MB hours=12:00-13:00 metered=auto");
}

}  // namespace
}  // namespace footbridge::proxy
