// That who belongs together meets, with several brokers of which one is down, and nobody says which.
#include <gtest/gtest.h>

#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/way_order.hpp"

namespace footbridge::core {
namespace {

const std::vector<std::string> kBrokers{"broker-1", "broker-2", "broker-3"};

// An end of a group: asks brokers in the group's order until one is there.
struct End {
  explicit End(const wire::CompartmentId& group)
      : ways(kBrokers.size(), broker_order(group, kBrokers), rng, WayOrder::Order::Given) {}
  // Which broker answered, and at which try.
  std::size_t ask(TimePoint now, std::size_t down) {
    tries = 1;
    while (ways.choose(now) == down) {
      ways.failed(now, down);
      ++tries;
    }
    const auto broker = ways.choose(now);
    ways.worked(broker);
    return broker;
  }
  SeededRng rng{8};
  WayOrder ways;
  std::size_t tries = 0;
};

TEST(PersonalMeeting, TakesTwoTriesAtMostWhicheverBrokerIsDown) {
  SeededRng rng(4);
  for (int i = 0; i < 50; ++i) {
    const auto group = wire::CompartmentId::random(rng);
    for (std::size_t down = 0; down <= kBrokers.size(); ++down) {  // the last: none is
      End volunteer(group);
      End client(group);
      const TimePoint now{Seconds{1'000}};
      EXPECT_EQ(volunteer.ask(now, down), client.ask(now, down));
      EXPECT_LE(volunteer.tries, 2U);
      EXPECT_LE(client.tries, 2U);
    }
  }
}

// A client who comes when the first is back finds the volunteer still with the second.
TEST(PersonalMeeting, TakesTwoTriesAtMostWhenABrokerIsBack) {
  SeededRng rng(5);
  for (int i = 0; i < 50; ++i) {
    const auto group = wire::CompartmentId::random(rng);
    End volunteer(group);
    End client(group);
    TimePoint now{Seconds{1'000}};
    const auto waits_at = volunteer.ask(now, broker_order(group, kBrokers).front());
    now += Seconds{10};
    const auto first = client.ask(now, kBrokers.size());
    EXPECT_NE(first, waits_at);
    client.ways.pass_over(now, first);  // it has nobody of this group
    EXPECT_EQ(client.ask(now, kBrokers.size()), waits_at);
  }
}

// Else everybody who comes later would ask the first in vain, until the volunteers are restarted.
TEST(PersonalMeeting, BringsVolunteersBackToABrokerThatIsBack) {
  SeededRng rng(6);
  const auto group = wire::CompartmentId::random(rng);
  const auto first = broker_order(group, kBrokers).front();
  End volunteer(group);
  TimePoint now{Seconds{1'000}};
  for (int i = 0; i < 40; ++i, now += Seconds{30}) volunteer.ask(now, first);  // down for twenty minutes
  EXPECT_NE(volunteer.ask(now, first), first);
  const auto back = now;
  while (volunteer.ask(now, kBrokers.size()) != first) now += Seconds{30};
  EXPECT_LE(now - back, Duration(kMaxWayPause) + Seconds{30});
}

}  // namespace
}  // namespace footbridge::core
