#include "crypto/heartbeat_box.hpp"

#include <gtest/gtest.h>

#include "crypto/nonce_box.hpp"
#include "crypto/shared_keys.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::crypto {
namespace {

struct HeartbeatBoxTest : testing::Test {
  SeededRng rng{3};
  SecretKey key = heartbeat_key(SecretKey::random(rng));
  Bytes names = rng.bytes(16);
  Bytes message = to_bytes("what an egress says");
  Bytes sealed = seal_heartbeat(HeartbeatBox::Report, names, message, key, rng);
};

TEST_F(HeartbeatBoxTest, GivesBackWhatWasPutIn) {
  EXPECT_EQ(open_heartbeat(HeartbeatBox::Report, names, sealed, key), message);
  const auto empty = seal_heartbeat(HeartbeatBox::Answer, names, {}, key, rng);
  EXPECT_EQ(open_heartbeat(HeartbeatBox::Answer, names, empty, key), Bytes{});
}

TEST_F(HeartbeatBoxTest, OpensForNothingButWhatItWasMadeFor) {
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Answer, names, sealed, key)) << "no answer is made of a report";
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Report, ByteView(names).first(8), sealed, key));
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Report, rng.bytes(16), sealed, key)) << "another egress of the same key";
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Report, names, sealed, SecretKey::random(rng)));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= std::byte{1};
    ASSERT_FALSE(open_heartbeat(HeartbeatBox::Report, names, changed, key)) << i;
  }
}

TEST_F(HeartbeatBoxTest, IsClosedWhenCut) {
  for (std::size_t length = 0; length < sealed.size(); ++length)
    ASSERT_FALSE(open_heartbeat(HeartbeatBox::Report, names, ByteView(sealed).first(length), key)) << length;
  auto label = to_bytes(as_bytes("footbridge heartbeat >"));
  append(label, names);
  const auto most = wire::kMaxHeartbeatBytes - kNonceBoxOverheadBytes;
  EXPECT_TRUE(open_heartbeat(HeartbeatBox::Report, names, seal_nonce_box(key, Bytes(most), label, rng), key));
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Report, names, seal_nonce_box(key, Bytes(most + 1), label, rng), key));
  EXPECT_FALSE(open_heartbeat(HeartbeatBox::Report, names, seal_nonce_box(key, Bytes(1), label, rng), key));
}

TEST_F(HeartbeatBoxTest, HidesHowMuchIsInIt) {
  const auto least = seal_heartbeat(HeartbeatBox::Report, names, Bytes(1), key, rng);
  const auto most = seal_heartbeat(HeartbeatBox::Report, names, Bytes(kHeartbeatPadBytes - 2), key, rng);
  EXPECT_EQ(least.size(), most.size());
  EXPECT_EQ(seal_heartbeat(HeartbeatBox::Report, names, Bytes(kHeartbeatPadBytes - 1), key, rng).size(),
            most.size() + kHeartbeatPadBytes);
}

}  // namespace
}  // namespace footbridge::crypto
