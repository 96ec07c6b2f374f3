// What tor's log says of a network, and how seldom.
#include "programs/client/network_story.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "io/clock.hpp"

namespace footbridge::client {
namespace {

struct Teller {
  asio::io_context context{1};
  std::vector<std::string> lines;
  NetworkStory story{context.get_executor(),
                     2,
                     {.people =
                          [this](wire::PtSeverity severity, std::string_view sentence) {
                            lines.push_back(wire::pt_log_line(wire::PtVersion::V1, severity, sentence));
                          },
                      .machines = [this](const std::string& line) { lines.push_back(line); }}};
  TimePoint now = io::now();

  // No room for anything else.
  void spend() {
    for (int i = 0; i < 2 * kStoryBurst; ++i) story.on_trouble(now, Trouble::LinkFailed);
    ASSERT_EQ(lines.size(), 2U * kStoryBurst);
  }
  std::size_t count(std::string_view word) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](const std::string& line) { return line.find(word) != line.npos; }));
  }
};

TEST(NetworkStory, TellsEachMomentToPeopleAndToMachines) {
  Teller it;
  it.story.on_milestone(it.now, Milestone::Searching, 0);
  it.story.on_trouble(it.now, Trouble::BrokerRefused);
  it.story.on_trouble(it.now, Trouble::WrongKey);
  it.story.on_milestone(it.now, Milestone::Connected, 1);
  EXPECT_EQ(it.lines[0], "LOG SEVERITY=notice MESSAGE=\"network 2: looking for a volunteer\"\n");
  EXPECT_EQ(it.lines[1], "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=searching VOLUNTEERS=0\n");
  EXPECT_EQ(it.lines[2].substr(0, 49), "LOG SEVERITY=warning MESSAGE=\"network 2: nobody l");
  EXPECT_EQ(it.lines[3], "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=trouble-broker-refused VOLUNTEERS=0\n");
  EXPECT_EQ(it.lines[4].substr(0, 27), "LOG SEVERITY=error MESSAGE=") << "somebody may be listening in between";
  EXPECT_EQ(it.lines[7], "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=connected VOLUNTEERS=1\n");
}

TEST(NetworkStory, MentionsVolunteersThatComeAndGoOnceInAWhile) {
  Teller it;
  for (int i = 0; i < 100; ++i) it.story.on_milestone(it.now += Seconds{1}, Milestone::VolunteerLost, 2);
  EXPECT_EQ(it.lines.size(), 2U);
  EXPECT_EQ(it.lines[0], "LOG SEVERITY=info MESSAGE=\"network 2: a volunteer went away; another one carries on\"\n");
  it.story.on_milestone(it.now += kTellAgain, Milestone::VolunteerLost, 2);
  EXPECT_EQ(it.lines.size(), 4U);
  it.story.on_milestone(it.now, Milestone::VolunteerLost, 0);
  ASSERT_EQ(it.lines.size(), 6U) << "the last one is a moment of its own";
  EXPECT_EQ(it.lines[4],
            "LOG SEVERITY=info MESSAGE=\"network 2: a volunteer went away, and there is no other one to carry on\"\n");
  EXPECT_EQ(it.lines[5], "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=volunteer-lost VOLUNTEERS=0\n");
}

TEST(NetworkStory, CountsNobodyWhileThereIsNoWayOut) {
  Teller it;
  it.story.on_milestone(it.now, Milestone::Connected, 1);
  it.story.on_trouble(it.now, Trouble::SessionLost);
  EXPECT_EQ(it.lines.back(), "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=trouble-session-lost VOLUNTEERS=0\n");
}

TEST(NetworkStory, IsShortHoweverMuchHappens) {
  Teller it;
  for (int i = 0; i < 10'000; ++i) {
    it.story.on_trouble(it.now, Trouble::LinkFailed);
    it.story.on_recovery(it.now += Millis{100});
  }
  const auto room = static_cast<std::size_t>(kStoryBurst + Millis{100} * 10'000 / kStoryPause);
  EXPECT_LE(it.lines.size(), 2 * (room + 1));
  EXPECT_GE(it.lines.size(), 2 * (room - 1));
}

TEST(NetworkStory, EndsWithHowThingsAreWhenTooMuchHappenedAtOnce) {
  Teller it;
  it.now -= kStoryPause - Millis{50};  // there is room again in a moment
  for (int i = 0; i < 50; ++i) it.story.on_trouble(it.now, Trouble::NoVolunteer);
  it.story.on_milestone(it.now, Milestone::Connected, 1);
  ASSERT_EQ(it.lines.size(), 2U * kStoryBurst);
  EXPECT_EQ(it.lines.back(), "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=trouble-no-volunteer VOLUNTEERS=0\n");
  it.context.run_for(Seconds{5});
  EXPECT_EQ(it.lines.size(), 2U * kStoryBurst + 2);
  EXPECT_EQ(it.lines.back(), "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=connected VOLUNTEERS=1\n");
}

TEST(NetworkStory, NeverLosesABetrayalToWhatElseHappens) {
  for (const auto betrayal : {Trouble::WrongKey, Trouble::UnknownEgress}) {
    Teller it;
    it.spend();
    it.story.on_trouble(it.now, betrayal);
    it.story.on_recovery(it.now);
    ASSERT_EQ(it.lines.size(), 2U * kStoryBurst + 2);
    EXPECT_EQ(it.lines[2U * kStoryBurst].substr(0, 26), "LOG SEVERITY=error MESSAGE");
    EXPECT_EQ(it.lines.back(),
              "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=trouble-" + std::string(name(betrayal)) + " VOLUNTEERS=0\n");
  }
}

TEST(NetworkStory, IsNotFilledByBetrayalsThatComeAndGo) {
  Teller it;
  it.spend();
  for (int i = 0; i < 1000; ++i) {
    it.story.on_trouble(it.now, Trouble::WrongKey);
    it.story.on_trouble(it.now, Trouble::UnknownEgress);
    it.story.on_trouble(it.now, Trouble::LinkFailed);
  }
  EXPECT_EQ(it.count("EVENT=trouble-wrong-key"), 1U);
  EXPECT_EQ(it.count("EVENT=trouble-unknown-egress"), 1U);
  it.now += kTellAgain;
  for (int i = 0; i < 2 * kStoryBurst; ++i) it.story.on_trouble(it.now, Trouble::LinkFailed);
  it.story.on_trouble(it.now, Trouble::WrongKey);
  EXPECT_EQ(it.count("EVENT=trouble-wrong-key"), 2U);
}

TEST(NetworkStory, TellsItsEndAlsoAfterTooMuch) {
  Teller it;
  it.spend();
  it.story.on_milestone(it.now, Milestone::Left, 0);
  ASSERT_EQ(it.lines.size(), 2U * kStoryBurst + 2);
  EXPECT_EQ(it.lines.back(), "STATUS TRANSPORT=footbridge NETWORK=2 EVENT=left VOLUNTEERS=0\n");
}

}  // namespace
}  // namespace footbridge::client
