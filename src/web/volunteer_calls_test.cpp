// The calls of whole days of a volunteer, as they are recorded in tests/vectors/volunteer_calls.json, which
// web/packages/core and web/packages/browser replay in WebAssembly: the same calls, the same randomness, the same
// answers. FB_UPDATE_VECTORS=1 writes the recording anew.
#include "web/volunteer_calls.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "core/proxy/slot_activity.hpp"
#include "web/volunteer_day.hpp"

namespace footbridge::web {
namespace {

constexpr const char* kFile = FB_SOURCE_DIR "/tests/vectors/volunteer_calls.json";

struct RecordedDay : Day {
  void a_day() {
    start();
    core::HelpingRecord before;
    before.turn(core::civil_time(wall(), kDayZone));
    before.add(1'000, 2'000);
    restore(core::encode_record(before));
    limits(50'000'000, {.days = 127, .from = 22 * 60, .until = 22 * 60 - 1}, 1'000'000'000);
    people(3);
    call(Call::SetNetwork, [](ByteWriter& out) { out.u8(static_cast<std::uint8_t>(core::PageNetwork::Restricted)); });
    take(Record::Post);  // it is cut
    const auto first = link();
    relay(first);
    carried(first, 60, 40);
    pass(core::kStandbyAfter);
    call(Call::Time);
    carried(first, 200'000, 800'000);
    const auto second = link();
    call(Call::AnswerFailed, second);
    answer(take(Record::Post), {.body = wire::PollReply{}});
    broker.restart(UnixSeconds{1'800'001'010});  // the ticket of what is parked is worth nothing now
    answered(take(Record::Post).number, as_bytes("<html>a web site</html>"));
    pass(Seconds{1});
    failed(take(Record::Post));
    pass(Seconds{60});
    call(Call::Time);
    const auto refused = take(Record::Post);
    answer(refused, {.refusal = wire::Refusal::InviteNeeded, .retry_after = Millis{2000}});
    call(Call::NetworkChange);
    carried(first, 200'000, 60'000'000);  // more than a day may have, and more than that
    limits(kNone, {.days = 1, .from = 0, .until = 24 * 60});
    closed(Call::LinkClosed, first, PipeEnd::Lost);
    closed(Call::LegClosed, first, PipeEnd::Local);
    people(0);
    call(Call::Stop);
  }
  // Requests that fail, clients that go or are too many, allowances and hours that end.
  void an_unlucky_day() {
    const auto offer = core::offer_with({"8.8.8.8", "10.0.0.1"});
    start_plainly();
    restore(as_bytes("no record"));
    people(1);
    failed(take(Record::Post));
    wake();  // by the other way
    failed(take(Record::Post));
    call(Call::NetworkChange);
    come({wire::Sdp("v=0\r\nm=video\r\n")});
    EXPECT_EQ(refusal_of(settle(true, {})), wire::AnswerFailure::BadOffer);
    come({offer, offer});  // one more than it takes
    const auto first = take(Record::MakeAnswer).at.value();
    EXPECT_EQ(refusal_of(settle(true, {})), wire::AnswerFailure::Busy);
    answer_made(first);
    settle(true, {});
    call(Call::LinkOpen, first);
    take(Record::DialLeg);
    closed(Call::LegClosed, first, PipeEnd::Setup);
    take(Record::CloseLink);
    closed(Call::LinkClosed, first, PipeEnd::Leg);
    settle(true, {});
    const auto gone = come({offer});
    take(Record::MakeAnswer);
    settle(false, {.assignments = {}, .withdrawn = {gone[0].match}});
    closed(Call::LinkClosed, take(Record::CloseLink).at.value(), PipeEnd::Local);
    come({offer});
    const auto third = take(Record::MakeAnswer).at.value();
    EXPECT_EQ(third.slot, first.slot);
    every_late_event(first);
    answer_made(third);
    settle(true, {});
    call(Call::LinkOpen, third);
    every_late_event(first);
    call(Call::LegOpen, third);
    settle(true, {});
    every_late_event(first);
    carried(third, 200'000, 800'000);
    limits(kNone, {.days = 127, .from = 0, .until = 1});  // it is later
    take(Record::SendOnLink);
    wake_until(Record::CloseLink);
    closed(Call::LinkClosed, third, PipeEnd::Local);
    closed(Call::LegClosed, third, PipeEnd::Local);
    limits(1'000, {.days = 127, .from = 0, .until = 24 * 60 - 1});  // of which must be feared that it is used up
    people(2);
    pass(Seconds{52'900});  // nearly until the day is over
    call(Call::Time);
    wake_until(Record::Post);
    call(Call::Stop);
  }
};
using Plan = void (RecordedDay::*)();
constexpr std::array<std::pair<const char*, Plan>, 2> kDays{
    {{"sealed", &RecordedDay::a_day}, {"plain and unlucky", &RecordedDay::an_unlucky_day}}};

struct VolunteerCallsTest : testing::Test {
  std::array<RecordedDay, kDays.size()> days;

  void live() {
    for (std::size_t i = 0; i < days.size(); ++i) (days[i].*kDays[i].second)();
  }
};

TEST_F(VolunteerCallsTest, AnswerAsTheyDidWhenTheyWereRecorded) {
  live();
  nlohmann::json made = {{"abi", kAbiVersion}, {"days", nlohmann::json::array()}};
  for (std::size_t i = 0; i < days.size(); ++i)
    made["days"].push_back({{"name", kDays[i].first}, {"seed", kDaySeed}, {"steps", days[i].steps}});
  if (std::getenv("FB_UPDATE_VECTORS") != nullptr) std::ofstream(kFile) << made.dump(1) << "\n";
  std::ifstream in(kFile);
  ASSERT_TRUE(in) << "FB_UPDATE_VECTORS=1 writes it";
  const auto recorded = nlohmann::json::parse(in);
  EXPECT_EQ(recorded.at("abi"), kAbiVersion) << "the recording is of another version: write it anew";
  ASSERT_EQ(recorded.at("days").size(), days.size());
  for (std::size_t day = 0; day < days.size(); ++day) {
    const auto& [steps, now] = std::pair(recorded.at("days")[day].at("steps"), days[day].steps);
    EXPECT_EQ(recorded.at("days")[day].at("seed"), kDaySeed);
    ASSERT_EQ(steps.size(), now.size());
    for (std::size_t i = 0; i < now.size(); ++i) EXPECT_EQ(steps[i], now[i]) << kDays[day].first << ", step " << i;
  }
}

TEST_F(VolunteerCallsTest, OfTheRecordingAreAllThatThereAreAndSoAreTheirRecords) {
  live();
  std::set<std::uint8_t> called, recorded;
  for (const auto& day : days) {
    for (const auto& step : day.steps) {
      called.insert(std::to_integer<std::uint8_t>(bytes_of(step, "call").at(0)));
      for (const auto& record : records_of(bytes_of(step, "answer")))
        recorded.insert(static_cast<std::uint8_t>(record.what));
    }
  }
  EXPECT_EQ(called.size(), static_cast<std::size_t>(Call::SetNetwork)) << "the last call";
  EXPECT_EQ(recorded.size(), static_cast<std::size_t>(Record::Keep)) << "the last record";
}

TEST_F(VolunteerCallsTest, EndWithTheDeadlineAndTheStatus) {
  live();
  for (const auto& day : days) {
    for (const auto& step : day.steps) {
      const auto records = records_of(bytes_of(step, "answer"));
      ASSERT_GE(records.size(), 2U);
      EXPECT_EQ(records[records.size() - 2].what, Record::Deadline);
      EXPECT_EQ(records.back().what, Record::Status);
    }
  }
}

TEST_F(VolunteerCallsTest, TellWhereThePeopleAreWhoAreHelpedNow) {
  auto& day = days[0];
  day.start();
  day.people(3);
  day.relay(day.link());
  EXPECT_EQ(day.seen.back().countries, "IR 1, ");
  day.relay(day.link("9.9.9.9", {}));
  EXPECT_EQ(day.seen.back().countries, "?? 1, IR 1, ");
  day.call(Call::Stop);
  EXPECT_EQ(day.seen.back().countries, "");
}

TEST_F(VolunteerCallsTest, ThatDoNotFitAreABugOfOurs) {
  auto& day = days[0];
  EXPECT_DEATH(day.calls.handle({}), "broken invariant");
  EXPECT_DEATH(day.people(1), "broken invariant") << "before Start";
  day.start();
  EXPECT_DEATH(day.start(), "broken invariant");
  EXPECT_DEATH(day.call(static_cast<Call>(99)), "broken invariant");
  EXPECT_DEATH(day.call(Call::SetNetwork, [](ByteWriter& out) { out.u8(5); }), "broken invariant") << "no such network";
  EXPECT_DEATH(day.call(Call::Stop, [](ByteWriter& out) { out.u8(1); }), "broken invariant")
      << "more than its arguments";
}

}  // namespace
}  // namespace footbridge::web
