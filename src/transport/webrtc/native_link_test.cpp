// Links without SCTP: when two ends get one, and that they get a data channel where they cannot.
#include <gtest/gtest.h>

#include "transport/webrtc/lossy_line.hpp"
#include "transport/webrtc/native_records.hpp"

namespace footbridge::webrtc {
namespace {

LinkConfig native() { return {.best = LinkKind::Native}; }

TEST(NativeLink, IsWhatTwoAbleEndsGet) {
  LinkPair pair;
  ASSERT_TRUE(pair.open(native()));
  for (auto* user : {&pair.client, &pair.proxy}) {
    EXPECT_EQ(user->link->info().kind, LinkKind::Native);
    EXPECT_EQ(user->link->max_message_bytes(), kMaxNativeMessageBytes);
    EXPECT_TRUE(user->link->info().round_trip.has_value());
  }
}

}  // namespace
}  // namespace footbridge::webrtc
