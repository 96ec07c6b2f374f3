// How frames and headers are written; what they say is in tests/vectors (tests/vectors/session_vectors_test.cpp).
#include "wire/session_frames.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "wire/session_open.hpp"
#include "wire/session_text.hpp"

namespace footbridge::wire {
namespace {

TEST(OpenHeader, IsNotWrittenForAHostThatCouldNotBeRead) {
  const auto encode = [](std::string host, std::uint16_t port) {
    return encode_open({StreamKind::Tcp, StreamPriority::Normal, Private<Destination>({std::move(host), port})});
  };
  EXPECT_TRUE(encode("example.org", 443));
  EXPECT_FALSE(encode("", 443));
  EXPECT_FALSE(encode("example.org", 0));
  EXPECT_FALSE(encode(std::string(254, 'a'), 443));
  EXPECT_FALSE(encode("a b", 443));
}

TEST(OpenHeader, IsNotWrittenWhenKindAndDestinationDoNotFitTogether) {
  const auto place = Private<Destination>({"example.org", 443});
  EXPECT_FALSE(encode_open({.kind = StreamKind::Tcp}));
  EXPECT_FALSE(encode_open({.kind = StreamKind::Bridge, .destination = place}));
  EXPECT_TRUE(encode_open({.kind = StreamKind::Bridge}));
}

TEST(FrameWriter, WritesWhatTheReaderReads) {
  Bytes buffer(64);
  FrameWriter writer(buffer);
  ASSERT_TRUE(writer.window({3, 100, 4196}));
  ASSERT_TRUE(writer.session_limit(9000));
  ASSERT_TRUE(writer.ignorable(0x44, as_bytes("\x01\x02")));
  const auto slot = writer.data(1, 20, 2, true);
  ASSERT_TRUE(slot && slot->fin && slot->payload.size() == 2);
  slot->payload[0] = slot->payload[1] = std::byte{0xee};
  ASSERT_TRUE(writer.flow({7, as_bytes("hi")}));
  ASSERT_TRUE(writer.flow({8, as_bytes("you")}, as_bytes("say ")));
  EXPECT_EQ(read_all(ByteView(buffer).first(writer.bytes())),
            (std::vector<std::string>{"W 3 100 4196", "M 9000", "IGN 0x44 0102", "D 1 20 fin eeee", "U 7 6869",
                                      "U 8 73617920796f75"}));
}

TEST(FrameWriter, AFlowMessageThatOnlyJustFitsEndsTheDatagram) {
  for (std::size_t size = 1; size < 80; ++size) {
    Bytes buffer(size);
    FrameWriter writer(buffer);
    const Bytes body(writer.flow_room(7), std::byte{0x55});
    if (body.empty()) continue;
    ASSERT_TRUE(writer.flow({7, body})) << size;
    EXPECT_EQ(writer.room(), 0U) << "nothing may follow";
    EXPECT_EQ(read_all(buffer), std::vector<std::string>{"U 7 " + encode_hex(body)});
  }
}

TEST(FrameWriter, FillsADatagramWithoutALengthAndKeepsTheEndForLater) {
  for (std::size_t size = 3; size < 80; ++size) {
    for (std::uint64_t wanted = 0; wanted < 100; ++wanted) {
      Bytes buffer(size, std::byte{0x77});
      FrameWriter writer(buffer);
      const auto slot = writer.data(1, 0, wanted, true);
      if (!slot) {
        EXPECT_EQ(size, 3U) << "only a bare header has no room for a byte";
        continue;
      }
      std::ranges::fill(slot->payload, std::byte{0xab});
      EXPECT_EQ(slot->payload.size(), std::min<std::size_t>(wanted, size - 3)) << "room was left unused";
      EXPECT_EQ(slot->fin, slot->payload.size() == wanted);
      FrameReader reader(ByteView(buffer).first(writer.bytes()));
      const auto frame = reader.next();
      ASSERT_TRUE(frame.ok() && *frame);
      const auto& data = std::get<DataFrame>(**frame);
      EXPECT_EQ(data.payload.size(), slot->payload.size());
      EXPECT_EQ(data.fin, slot->fin);
    }
  }
}

TEST(FrameWriter, SpendsAtMostSixteenBytesOnTheLargestDatagram) {
  Bytes buffer(9056);
  FrameWriter writer(buffer);
  const auto slot = writer.data(kMaxStreamId, kMaxOffset - 1'000'000, 9000, false);
  ASSERT_TRUE(slot);
  EXPECT_LE(writer.bytes() - slot->payload.size(), kMaxDataOverheadBytes);
}

TEST(FrameWriter, BeginsNoFrameThatDoesNotFit) {
  Bytes buffer(4);
  FrameWriter writer(buffer);
  EXPECT_FALSE(writer.window({100, 1, 1}));
  EXPECT_FALSE(writer.ignorable(0x40, as_bytes("abc")));
  EXPECT_FALSE(writer.session_limit(1U << 20));
  EXPECT_FALSE(writer.data(1000, 0, 5, false));
  EXPECT_EQ(writer.bytes(), 0U);
  EXPECT_TRUE(writer.pad());
  EXPECT_EQ(read_all(buffer), std::vector<std::string>{"PAD 3"});
}

}  // namespace
}  // namespace footbridge::wire
