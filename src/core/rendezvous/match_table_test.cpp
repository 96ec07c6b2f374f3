#include "core/rendezvous/match_table.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

struct MatchTableTest : testing::Test {
  SeededRng rng{4};
  MatchTable table;
  TimePoint now{Seconds{1'000}};
  ProxyId proxy = ProxyId::random(rng);

  MatchId assigned() {
    const auto id = MatchId::random(rng);
    table.add({.id = id, .proxy = proxy, .network = 7}, now + Seconds{10});
    return id;
  }
  MatchId delivered() {
    const auto id = assigned();
    table.answered(*table.find(id));
    table.delivered(*table.find(id), now + Seconds{20});
    return id;
  }
};

TEST_F(MatchTableTest, HearsAComplaintOnce) {
  const auto match = delivered();
  table.close_opened(now, match);
  const auto complaint = table.complain(now, match);
  ASSERT_TRUE(complaint);
  EXPECT_EQ(complaint->proxy, proxy);
  EXPECT_EQ(complaint->network, 7U);
  EXPECT_FALSE(table.complain(now, match));
}

// The first one is told to whoever closes the match, and counts there.
TEST_F(MatchTableTest, HearsNoSecondComplaintOfOneThatWasComplainedOfBeforeItOpened) {
  const auto match = delivered();
  EXPECT_FALSE(table.complain(now, match)) << "nobody has said yet that it is open";
  EXPECT_TRUE(table.close_opened(now, match).complained_of);
  EXPECT_FALSE(table.complain(now, match));
}

TEST_F(MatchTableTest, HearsNoComplaintOfWhatNobodyWasGivenOrNobodySaidIsOpen) {
  const auto unanswered = assigned();
  EXPECT_FALSE(table.complain(now, unanswered));
  EXPECT_FALSE(table.find(unanswered)->complained_of) << "the client does not know of it yet";
  const auto failed = delivered();
  table.close(now, failed);
  EXPECT_FALSE(table.complain(now, failed));
  EXPECT_FALSE(table.complain(now, MatchId::random(rng)));
}

}  // namespace
}  // namespace footbridge::core
