#include <gtest/gtest.h>

#include "core/browser/browser_proxy.hpp"
#include "core/browser/browser_proxy_fixture.hpp"
#include "core/path/leaving_note.hpp"

namespace footbridge::core {
namespace {

// When it helps nobody any more: limits, hours, the switch, and where helping may be dangerous.
using BrowserEndings = BrowserProxyFixture;

TEST_F(BrowserEndings, LetsEverybodyGoWhenTheAllowanceIsUsedUp) {
  at.local = civil_time(at.wall, 0);
  proxy.set_limits(at, {.hours = {}, .bytes_per_day = 50'000'000});
  proxy.set_people(at, 2);
  const auto slot = to_relaying();
  collect();
  proxy.on_carried(at, slot, 20'000'000, 29'999'999);
  EXPECT_EQ(proxy.status().limits.pause, Pause::None);
  expect_silence();
  proxy.on_carried(at, slot, 20'000'000, 30'000'000);
  EXPECT_EQ(proxy.status().limits.pause, Pause::DayUsed);
  EXPECT_TRUE(proxy.status().on);
  next<BrowserProxy::SendOnLink>();
  next<BrowserProxy::Cut>();
  pass(kLimitDrain - Seconds(1));
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().people, 1U);
  pass(Seconds(1));
  proxy.on_time(at);
  EXPECT_EQ(next<BrowserProxy::CloseLink>().at, slot);
  EXPECT_EQ(proxy.status().people, 0U);
  proxy.on_link_closed(at, slot, PipeEnd::Local);
  proxy.on_leg_closed(at, slot, PipeEnd::Local);
  proxy.stop(at);
  collect();
  EXPECT_EQ(parse_record(kept)->day.bytes, 50'000'000U) << "the last ones, too";
}

TEST_F(BrowserEndings, EndsEverybodyWhoOverrunsTheAllowance) {
  proxy.set_limits(at, {.hours = {}, .bytes_per_day = 50'000'000});
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  collect();
  proxy.on_carried(at, slot, 0, 50'500'000);
  EXPECT_EQ(next<BrowserProxy::CloseLink>().at, slot);
  EXPECT_EQ(proxy.status().people, 0U);
}

TEST_F(BrowserEndings, ComesBackByItselfWhenItsHoursBegin) {
  at.local = civil_time(UnixSeconds{24 * 3600 * 20'000ULL + 3600}, 0);
  proxy.set_limits(at, {.hours = WeekHours({{.days = 127, .from = 61, .until = 120}})});
  proxy.set_people(at, 1);
  expect_silence();
  EXPECT_EQ(proxy.status().limits.pause, Pause::Hours);
  ASSERT_EQ(proxy.deadline(), at.now + Seconds(60));
  pass(Seconds(60));
  at.local.seconds += 60;
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().limits.pause, Pause::None);
  next<BrowserProxy::Post>();
}

TEST_F(BrowserEndings, EndsEverythingWhenItIsSwitchedOff) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  expect_silence();
  proxy.stop(at);
  bool link = false, leg = false, cut = false;
  collect();
  for (const auto& command : commands) {
    link |= std::holds_alternative<BrowserProxy::CloseLink>(command);
    leg |= std::holds_alternative<BrowserProxy::CloseLeg>(command);
    cut |= std::holds_alternative<BrowserProxy::Cut>(command);
  }
  EXPECT_TRUE(link && leg && cut);
  proxy.on_link_closed(at, slot, PipeEnd::Local);
  proxy.on_leg_closed(at, slot, PipeEnd::Local);
  EXPECT_EQ(proxy.status().people, 0U);
  EXPECT_FALSE(proxy.status().on);
}

TEST_F(BrowserEndings, SaysOnceThatItStopsAndAsksNobodyAnyMoreWhateverComesOfThat) {
  proxy.set_people(at, 1);
  assign(offer_with({"8.8.8.8"}));
  next<BrowserProxy::MakeAnswer>();
  commands.clear();
  proxy.stop(at);
  const auto last = next<BrowserProxy::Post>();
  EXPECT_EQ(read(last).answers.size(), 1U);
  commands.clear();
  proxy.on_failed(at, last.post);
  for (int i = 0; i < 10 && proxy.deadline(); ++i) {
    at.now = *proxy.deadline();
    proxy.on_time(at);
  }
  expect_silence();
}

TEST_F(BrowserEndings, TellsAClientThatHasToGoBeforeItIsGone) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  expect_silence();
  proxy.set_people(at, 0);
  bool told = false;
  collect();
  for (const auto& command : commands) {
    const auto* note = std::get_if<BrowserProxy::SendOnLink>(&command);
    told |= note != nullptr && note->at == slot && note->message.size() <= kMaxLeavingNoteBytes;
    EXPECT_FALSE(std::holds_alternative<BrowserProxy::CloseLink>(command));
  }
  EXPECT_TRUE(told);
}

TEST_F(BrowserEndings, AsksNobodyAnyMoreWhereHelpingIsRiskyUntilItsPersonDecides) {
  const auto refuse = [&] {
    const auto post = next<BrowserProxy::Post>();
    EXPECT_FALSE(read(post).was_warned);
    proxy.on_answered(at, post.post,
                      broker.answer(at.wall, {.refusal = wire::Refusal::RiskyPlace, .retry_after = Seconds{3600}}));
    EXPECT_EQ(proxy.status().trouble, "risky-place");
  };
  proxy.set_people(at, 1);
  refuse();
  pass(Seconds{7'200});
  proxy.on_time(at);
  proxy.on_network_change(at);
  expect_silence();
  EXPECT_EQ(proxy.status().trouble, "risky-place");
  proxy.set_people(at, 0);
  proxy.set_people(at, 1);  // another place, perhaps
  EXPECT_EQ(proxy.status().trouble, "");
  refuse();
  proxy.stop(at);
  expect_silence();

  auto decided = config();
  decided.was_warned = true;
  BrowserProxy again(std::move(decided), rng);
  again.set_people(at, 1);
  EXPECT_TRUE(read(std::get<BrowserProxy::Post>(again.poll().value())).was_warned);
}

TEST_F(BrowserEndings, AsksAtOnceWhenItIsSwitchedOnAnewWhereHelpingWasRisky) {
  proxy.set_people(at, 1);
  const auto post = next<BrowserProxy::Post>();
  read(post);
  proxy.on_answered(at, post.post,
                    broker.answer(at.wall, {.refusal = wire::Refusal::RiskyPlace, .retry_after = Seconds{3600}}));
  expect_silence();
  proxy.set_people(at, 0);
  proxy.set_people(at, 1);
  EXPECT_FALSE(read(next<BrowserProxy::Post>()).was_warned) << "so that its person is asked again";
}

}  // namespace
}  // namespace footbridge::core
