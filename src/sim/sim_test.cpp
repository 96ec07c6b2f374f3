#include <gtest/gtest.h>
#include <vector>

#include "sim/alarm.hpp"
#include "sim/event_queue.hpp"
#include "sim/seed.hpp"
#include "sim/trace.hpp"

namespace footbridge::sim {
namespace {

TimePoint at(int seconds) { return TimePoint{Seconds{seconds}}; }

std::vector<int> drain(EventQueue<int>& queue, TimePoint limit) {
  std::vector<int> happened;
  while (const auto event = queue.pop_until(limit)) happened.push_back(*event);
  return happened;
}

TEST(EventQueue, KeepsTheOrderOfTimesAndOfAskingWhereTimesAreEqual) {
  EventQueue<int> queue;
  queue.at(at(3), 30);
  queue.at(at(1), 10);
  queue.at(at(3), 31);
  queue.at(at(2), 20);
  queue.at(at(3), 32);
  EXPECT_EQ(drain(queue, at(9)), (std::vector{10, 20, 30, 31, 32}));
  EXPECT_EQ(queue.now(), at(9));
}

TEST(EventQueue, AgreesWithASortedListWhateverIsAskedAndCancelled) {
  Dice dice{Seed{1}};
  for (int round = 0; round < 50; ++round) {
    EventQueue<int> queue;
    std::vector<std::pair<int, int>> expected;  // (time, number) of those that were not cancelled
    std::vector<EventHandle> handles;
    for (int i = 0; i < 300; ++i) {
      const auto when = static_cast<int>(dice.below(40));
      handles.push_back(queue.at(at(when), i));
      expected.emplace_back(when, i);
    }
    for (int i = 0; i < 300; ++i) {
      if (!dice.chance(0.7)) continue;
      queue.cancel(handles[static_cast<std::size_t>(i)]);
      queue.cancel(handles[static_cast<std::size_t>(i)]);
      std::erase_if(expected, [i](const auto& e) { return e.second == i; });
    }
    EXPECT_EQ(queue.size(), expected.size());
    std::sort(expected.begin(), expected.end());
    std::vector<int> numbers;
    for (const auto& [when, number] : expected) numbers.push_back(number);
    EXPECT_EQ(drain(queue, at(50)), numbers);
  }
}

TEST(EventQueue, CancelsNothingThatHappenedNorWhoTookItsPlace) {
  EventQueue<int> queue;
  const auto old = queue.at(at(1), 1);
  EXPECT_EQ(drain(queue, at(1)), std::vector{1});
  queue.at(at(2), 2);
  EXPECT_FALSE(queue.pending(old));
  queue.cancel(old);
  EXPECT_EQ(drain(queue, at(2)), std::vector{2});
}

TEST(EventQueue, LetsWhatIsAskedForInThePastHappenNow) {
  EventQueue<int> queue(at(10));
  queue.at(at(1), 1);
  EXPECT_EQ(queue.next_at(), at(10));
}

TEST(Alarm, MovesEarlierAtOnceAndLaterOnlyWhenItRings) {
  EventQueue<int> queue;
  Alarm alarm;
  alarm.set(queue, at(5), 1);
  alarm.set(queue, at(8), 1);
  EXPECT_EQ(queue.next_at(), at(5)) << "the event that is there does";
  alarm.set(queue, at(2), 1);
  EXPECT_EQ(queue.next_at(), at(2));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_TRUE(queue.pop_until(at(2)));
  alarm.rung();
  alarm.set(queue, at(8), 1);
  EXPECT_EQ(queue.next_at(), at(8));
  alarm.clear(queue);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(Seed, GivesEveryPartItsOwnChance) {
  const Seed seed{7};
  EXPECT_EQ(seed.child("link", 1).value(), Seed{7}.child("link", 1).value());
  EXPECT_NE(seed.child("link", 1).value(), seed.child("link", 2).value());
  EXPECT_NE(seed.child("link", 1).value(), seed.child("node", 1).value());
  EXPECT_NE(seed.child("link", 1).value(), Seed{8}.child("link", 1).value());
}

TEST(Dice, AreFairEnough) {
  Dice dice{Seed{3}};
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += dice.chance(0.1) ? 1 : 0;
  EXPECT_NEAR(hits, 10'000, 400);
  for (int i = 0; i < 1'000; ++i) {
    const auto drawn = dice.duration(Millis{5}, Millis{6});
    EXPECT_TRUE(drawn >= Millis{5} && drawn <= Millis{6});
  }
}

TEST(Trace, HashesWhetherSomebodyReadsOrNot) {
  std::vector<std::string> lines;
  Trace read(Trace::Detail::Story, [&](const std::string& line) { lines.push_back(line); });
  Trace unread;
  for (auto* trace : {&read, &unread}) {
    trace->story(TimePoint{Millis{1'500}}, {"client", 3}, "path-open", {{"path", 2}, {"proxy", 17}});
    trace->packet(TimePoint{Millis{1'600}}, {"path", 2}, "lost", {});
  }
  EXPECT_EQ(read.hash(), unread.hash());
  ASSERT_EQ(lines.size(), 1U) << "packets were not asked for";
  EXPECT_EQ(lines[0], "     1.500000 client 3     path-open          path=2 proxy=17");
  unread.story(TimePoint{Millis{1'700}}, {"client", 3}, "idle", {});
  EXPECT_NE(read.hash(), unread.hash());
}

}  // namespace
}  // namespace footbridge::sim
