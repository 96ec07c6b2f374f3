// What waits on a control stream for a peer that acknowledges nothing.
#include "quic/control_buffer.hpp"

#include <gtest/gtest.h>

namespace footbridge::quic {
namespace {

TEST(ControlBuffer, TakesNoMoreBytesThanItsBound) {
  ControlBuffer buffer(100);
  EXPECT_TRUE(buffer.push(Bytes(60)));
  EXPECT_FALSE(buffer.push(Bytes(41)));
  EXPECT_TRUE(buffer.push(Bytes(40)));
  EXPECT_EQ(buffer.held_bytes(), 100U);
}

TEST(ControlBuffer, TakesNoMorePiecesThanItsBound) {
  ControlBuffer buffer(1'000'000);
  for (std::size_t i = 0; i < ControlBuffer::kMaxPieces; ++i) EXPECT_TRUE(buffer.push(Bytes(1)));
  EXPECT_FALSE(buffer.push(Bytes(1)));
  buffer.mark_sent(10);
  EXPECT_FALSE(buffer.push(Bytes(1))) << "sent is not acknowledged";
  buffer.mark_acked(10);
  EXPECT_TRUE(buffer.push(Bytes(1)));
}

}  // namespace
}  // namespace footbridge::quic
