#include "core/network/directory_doubt.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

const TimePoint kStart{Seconds{1000}};

TEST(DirectoryDoubt, TakesARestartForNothingWorse) {
  DirectoryDoubt doubt;
  EXPECT_FALSE(doubt.on_strange(kStart));
  EXPECT_FALSE(doubt.on_strange(kStart + DirectoryDoubt::kDoubtAfter - Millis{1}));
  doubt.on_understood();
  EXPECT_FALSE(doubt.on_strange(kStart + DirectoryDoubt::kDoubtAfter)) << "the next one begins anew";
}

TEST(DirectoryDoubt, ComesWhenNobodyUnderstandsForLonger) {
  DirectoryDoubt doubt;
  EXPECT_FALSE(doubt.on_strange(kStart));
  EXPECT_TRUE(doubt.on_strange(kStart + DirectoryDoubt::kDoubtAfter));
  EXPECT_TRUE(doubt.on_strange(kStart + 2 * DirectoryDoubt::kDoubtAfter)) << "until somebody does";
}

}  // namespace
}  // namespace footbridge::core
