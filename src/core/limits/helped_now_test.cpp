#include "core/limits/helped_now.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace footbridge::core {
namespace {

struct HelpedNowTest : testing::Test {
  HelpedNow helped;
  const Country iran = Country::parse("IR").value(), myanmar = Country::parse("MM").value(), unknown;
  using In = std::vector<HelpedNow::In>;
  In by_country() const {
    std::array<HelpedNow::In, HelpedNow::kMost> room;
    const auto list = helped.by_country(room);
    return {list.begin(), list.end()};
  }
};

TEST_F(HelpedNowTest, CountsAPersonWithTwoLinksOnce) {
  helped.add(1, iran);
  helped.add(2, myanmar);
  helped.add(1, iran);
  EXPECT_EQ(helped.people(), 2U);
  EXPECT_EQ(by_country(), (In{{iran, 1}, {myanmar, 1}}));
}

TEST_F(HelpedNowTest, CountsThePeopleOfACountryInAnOrderThatTellsNotWhoCameFirst) {
  helped.add(3, myanmar);
  helped.add(1, iran);
  helped.add(4, unknown);
  helped.add(2, myanmar);
  EXPECT_EQ(by_country(), (In{{unknown, 1}, {iran, 1}, {myanmar, 2}}));
}

TEST_F(HelpedNowTest, BelievesOfLinksThatDifferTheFirstThatKnows) {
  for (const auto country : {unknown, myanmar, iran}) helped.add(1, country);
  EXPECT_EQ(by_country(), (In{{myanmar, 1}}));
}

TEST_F(HelpedNowTest, HasRoomForAsManyCountriesAsPeople) {
  for (PersonNumber person = 1; person <= HelpedNow::kMost; ++person)
    helped.add(person, Country::from_index(100 - person).value());
  const auto all = by_country();
  EXPECT_EQ(all.size(), HelpedNow::kMost);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &HelpedNow::In::country));
  EXPECT_DEATH(helped.add(99, iran), "broken invariant") << "more persons than slots";
}

TEST_F(HelpedNowTest, HasNoCountriesWhereNobodyIsHelped) { EXPECT_TRUE(by_country().empty()); }

}  // namespace
}  // namespace footbridge::core
