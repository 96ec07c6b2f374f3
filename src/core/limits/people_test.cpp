#include "core/limits/people.hpp"

#include <gtest/gtest.h>

#include "core/browser/browser_broker.hpp"
#include "core/limits/person_marks.hpp"

namespace footbridge::core {
namespace {

const TimePoint kStart{Seconds{1'000}};

struct PeopleTest : testing::Test {
  People people;
  People::Arrival arrive(std::initializer_list<PersonMark> marks, TimePoint at = kStart) {
    const std::vector<PersonMark> all(marks);
    return people.arrived(at, all);
  }
};

TEST_F(PeopleTest, WhoHaveFiveLinksAreOnePerson) {
  EXPECT_TRUE(arrive({7}).is_new);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(arrive({7}).is_new);
  EXPECT_EQ(people.here(), 1U);
  EXPECT_TRUE(arrive({8}).is_new);
  EXPECT_EQ(people.here(), 2U);
}

TEST_F(PeopleTest, WhoComeBackWithinTheHourAreNotNew) {
  const auto first = arrive({7});
  people.left(kStart, first.person);
  EXPECT_EQ(people.here(), 0U);
  const auto again = arrive({7}, kStart + kReturnsWithin - Seconds(1));
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.person, first.person);
  people.left(kStart + kReturnsWithin, again.person);
  EXPECT_TRUE(arrive({7}, kStart + kReturnsWithin + kReturnsWithin).is_new);
}

TEST_F(PeopleTest, WhoWereHereTheWholeTimeAreNotNewAfterAnHour) {
  arrive({7});
  EXPECT_FALSE(arrive({7}, kStart + 5 * kReturnsWithin).is_new);
}

TEST_F(PeopleTest, AreForgottenAfterTheHourAlsoWhenNobodyComes) {
  const auto first = arrive({7});
  EXPECT_FALSE(people.deadline()) << "still here";
  people.left(kStart, first.person);
  people.left(kStart + Seconds(9), arrive({8}).person);
  EXPECT_EQ(people.deadline(), kStart + kReturnsWithin);
  people.forget(kStart + kReturnsWithin);
  EXPECT_EQ(people.deadline(), kStart + kReturnsWithin + Seconds(9));
  people.forget(kStart + kReturnsWithin + Seconds(9));
  EXPECT_FALSE(people.deadline());
}

TEST_F(PeopleTest, AreKnownByAnyOfTheirAddresses) {
  const auto first = arrive({1, 2});
  EXPECT_EQ(arrive({2, 3}).person, first.person);
  EXPECT_EQ(arrive({3}).person, first.person) << "learnt on the way";
}

TEST_F(PeopleTest, WithoutAnAddressAreEachTheirOwn) {
  EXPECT_TRUE(arrive({}).is_new);
  EXPECT_TRUE(arrive({}).is_new);
  EXPECT_EQ(people.here(), 2U);
}

TEST_F(PeopleTest, AreForgottenInTheOrderInWhichTheyLeft) {
  for (PersonMark mark = 1; mark <= kMaxRemembered; ++mark)
    people.left(kStart + Seconds(mark), arrive({mark}, kStart + Seconds(mark)).person);
  const auto later = kStart + Seconds(kMaxRemembered + 1);
  EXPECT_TRUE(arrive({9'999}, later).is_new);
  EXPECT_FALSE(arrive({2}, later).is_new);
  EXPECT_TRUE(arrive({1}, later).is_new);
}

TEST(PersonMarksTest, AreOfPublicAddressesOnlyAndHideThem) {
  SeededRng rng{1};
  const auto key = crypto::SecretKey::random(rng);
  const auto marks = person_marks(offer_with({"192.168.1.2", "8.8.8.8", "127.0.0.1"}), key);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(person_marks(offer_with({"10.0.0.1", "8.8.8.8"}), key), marks);
  EXPECT_NE(person_marks(offer_with({"8.8.4.4"}), key), marks);
  EXPECT_NE(person_marks(offer_with({"8.8.8.8"}), crypto::SecretKey::random(rng)), marks) << "of this run only";
  EXPECT_NE(marks[0] & 0xffff'ffff, 0x0808'0808U);
}

TEST(PersonMarksTest, TakeAnIpv6SubnetForADevice) {
  SeededRng rng{1};
  const auto key = crypto::SecretKey::random(rng);
  const auto marks = person_marks(offer_with({"2a00:1450:4001:82a::1"}), key);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(person_marks(offer_with({"2a00:1450:4001:82a:ffff::9"}), key), marks);
  EXPECT_NE(person_marks(offer_with({"2a00:1450:4001:82b::1"}), key), marks);
}

TEST(PersonMarksTest, AreNoneOfWhatIsNoOffer) {
  SeededRng rng{1};
  EXPECT_TRUE(person_marks(wire::Sdp("v=0"), crypto::SecretKey::random(rng)).empty());
}

}  // namespace
}  // namespace footbridge::core
