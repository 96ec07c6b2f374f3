// Changing the number of slots while clients are there.
#include <set>

#include "core/proxy/proxy_engine_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::AnswerFailure;

struct ProxySurplusTest : ProxyEngineFixture {};

TEST_F(ProxySurplusTest, GrowsAndShrinksWhileRelayingWithoutTouchingTheOldest) {
  engine.set_slots(now, 1);
  const auto first = to_relaying();
  engine.set_slots(now, 10);
  for (int i = 0; i < 9; ++i) to_relaying();
  EXPECT_EQ(engine.relaying(), 10U);
  commands.clear();

  engine.set_slots(now, 1);
  EXPECT_EQ(engine.relaying(), 10U) << "nobody is cut off at once";
  EXPECT_FALSE(engine.draining(first.slot));
  pass(Engine::kDrainGrace - Millis{1});
  EXPECT_TRUE(silent_about<Engine::CloseLink>());
  pass(Millis{1});
  std::set<std::uint8_t> closed;
  while (const auto close = take<Engine::CloseLink>()) closed.insert(close->at.slot);
  EXPECT_EQ(closed.size(), 9U);
  EXPECT_FALSE(closed.contains(first.slot));
  EXPECT_EQ(engine.relaying(), 1U);
}

TEST_F(ProxySurplusTest, LetsASurplusClientStayWhenThereIsRoomAgain) {
  engine.set_slots(now, 2);
  to_relaying();
  const auto second = to_relaying();
  engine.set_slots(now, 1);
  EXPECT_TRUE(engine.draining(second.slot));
  pass(Seconds{30});
  engine.set_slots(now, 2);
  EXPECT_FALSE(engine.draining(second.slot));
  pass(Seconds{600});
  EXPECT_EQ(engine.relaying(), 2U);
}

TEST_F(ProxySurplusTest, LetsThoseStillConnectingGoFirst) {
  engine.set_slots(now, 3);
  const auto connecting = to_linking();
  const auto answering = to_answering();
  const auto relaying = to_relaying();
  commands.clear();
  engine.set_slots(now, 1);
  EXPECT_FALSE(engine.draining(relaying.slot));
  EXPECT_EQ(engine.state(connecting.slot), State::Closing);
  EXPECT_EQ(engine.state(answering.slot), State::Closing);
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::Stopped);
  EXPECT_EQ(take<Engine::Report>()->kind, wire::OutcomeKind::Stopped);
}

TEST_F(ProxySurplusTest, AnnouncesNoSlotWhileASurplusClientHoldsIt) {
  engine.set_slots(now, 3);
  for (int i = 0; i < 3; ++i) to_relaying();
  commands.clear();
  engine.set_slots(now, 2);
  pass(Seconds{10});
  EXPECT_TRUE(silent_about<Engine::FreeSlots>());
  engine.on_assigned(now, assignment());
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::Busy);
}

TEST_F(ProxySurplusTest, TakesNoMoreThanTenWhateverIsAsked) {
  engine.set_slots(now, 1'000);
  EXPECT_EQ(engine.slots(), Engine::kMaxSlots);
}

// Two thousand random turns: no leg without a link, no two clients of one epoch, the slots never exceeded, and after a
// stop everything is free within the closing time.
TEST_F(ProxySurplusTest, KeepsItsPromisesWhateverHappens) {
  std::vector<SlotRef> seen;
  std::set<std::pair<std::uint8_t, std::uint32_t>> made;
  std::set<std::pair<std::uint8_t, std::uint32_t>> linked;
  const auto key = [](SlotRef at) { return std::pair(at.slot, at.epoch); };
  engine.set_slots(now, 5);
  for (int step = 0; step < 2'000; ++step) {
    const auto any = [&] { return seen.empty() ? SlotRef{} : seen[rng.between(0, seen.size() - 1)]; };
    switch (rng.between(0, 9)) {
      case 0:
      case 1: engine.on_assigned(now, assignment()); break;
      case 2: engine.on_answer_made(now, any(), wire::Sdp("a")); break;
      case 3: {
        const auto at = any();
        if (made.contains(key(at))) linked.insert(key(at));
        engine.on_link_open(now, at);
        break;
      }
      case 4: engine.on_leg_open(now, any()); break;
      case 5: engine.on_link_closed(now, any(), PipeEnd::Lost); break;
      case 6: engine.on_leg_closed(now, any(), PipeEnd::Lost); break;
      case 7: engine.set_slots(now, rng.between(0, 10)); break;
      case 8: engine.on_answer_failed(now, any(), AnswerFailure::Gathering); break;
      default: pass(Millis{static_cast<int>(rng.between(0, 3'000))});
    }
    while (const auto make = take<Engine::MakeAnswer>()) {
      ASSERT_TRUE(made.insert(key(make->at)).second) << "an epoch serves one client";
      ASSERT_LE(engine.busy(), engine.slots());
      seen.push_back(make->at);
    }
    while (const auto dial = take<Engine::DialLeg>()) ASSERT_TRUE(linked.contains(key(dial->at)));
    commands.clear();
  }
  EXPECT_GT(made.size(), 100U);
  engine.stop(now);
  pass(Engine::kCloseTimeout);
  EXPECT_EQ(engine.busy(), 0U);
  EXPECT_FALSE(engine.deadline());
}

TEST_F(ProxySurplusTest, TellsASurplusClientAndTellsItAgainUntilItHasLeft) {
  engine.set_slots(now, 1);
  const auto at = to_relaying();
  EXPECT_TRUE(silent_about<Engine::TellLeaving>());
  engine.set_slots(now, 0);
  const auto first = take<Engine::TellLeaving>();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at, at);
  pass(Engine::kTellAgain - Millis{1});
  EXPECT_TRUE(silent_about<Engine::TellLeaving>());
  pass(Millis{1});
  EXPECT_EQ(take<Engine::TellLeaving>()->match, first->match) << "the first may have been lost";
  engine.on_link_closed(now, at, PipeEnd::Remote);
  pass(Engine::kDrainGrace);
  EXPECT_TRUE(silent_about<Engine::TellLeaving>());
}

TEST_F(ProxySurplusTest, TellsNothingMoreToAClientThatMayStayAfterAll) {
  engine.set_slots(now, 1);
  to_relaying();
  engine.set_slots(now, 0);
  ASSERT_TRUE(take<Engine::TellLeaving>());
  engine.set_slots(now, 1);
  pass(Engine::kDrainGrace);
  EXPECT_TRUE(silent_about<Engine::TellLeaving>());
}

}  // namespace
}  // namespace footbridge::core
