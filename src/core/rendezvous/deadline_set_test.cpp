#include "core/rendezvous/deadline_set.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace footbridge::core {
namespace {

constexpr TimePoint at(int seconds) { return TimePoint{Seconds{seconds}}; }

TEST(DeadlineSet, GivesKeysInTheOrderOfTheirDeadlinesAndNoneBefore) {
  DeadlineSet<int> set;
  set.set(1, at(30));
  set.set(2, at(10));
  set.set(3, at(20));
  EXPECT_EQ(set.earliest(), at(10));
  EXPECT_EQ(set.pop_due(at(9)), std::nullopt);
  EXPECT_EQ(set.pop_due(at(20)), 2);
  EXPECT_EQ(set.pop_due(at(20)), 3);
  EXPECT_EQ(set.pop_due(at(20)), std::nullopt);
  EXPECT_EQ(set.size(), 1U);
}

TEST(DeadlineSet, MovesAKeyThatIsSetAgain) {
  DeadlineSet<int> set;
  set.set(1, at(10));
  set.set(2, at(20));
  set.set(1, at(30));
  EXPECT_EQ(set.size(), 2U);
  EXPECT_EQ(set.pop_due(at(40)), 2);
  set.set(1, at(5));
  EXPECT_EQ(set.earliest(), at(5));
}

TEST(DeadlineSet, ForgetsWhatIsErasedAndIgnoresWhatIsAbsent) {
  DeadlineSet<int> set;
  set.set(1, at(10));
  set.erase(2);
  set.erase(1);
  EXPECT_FALSE(set.contains(1));
  EXPECT_EQ(set.earliest(), std::nullopt);
}

TEST(DeadlineSet, StaysWholeWhenItIsMoved) {
  DeadlineSet<int> from;
  from.set(1, at(10));
  from.set(2, at(20));
  auto to = std::move(from);
  to.erase(1);
  EXPECT_EQ(to.pop_due(at(20)), 2);
  EXPECT_EQ(to.size(), 0U);
}

}  // namespace
}  // namespace footbridge::core
