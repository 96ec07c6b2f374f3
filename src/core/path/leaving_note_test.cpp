#include "core/path/leaving_note.hpp"

#include <gtest/gtest.h>

#include "core/path/filler.hpp"

namespace footbridge::core {
namespace {

TEST(LeavingNote, IsReadByWhoKnowsTheMatchAndIsFillerToOthers) {
  SeededRng rng{3};
  for (int i = 0; i < 1'000; ++i) {
    const auto match = MatchId::random(rng);
    const auto note = make_leaving_note(match, rng);
    EXPECT_TRUE(is_leaving_note(note, match));
    EXPECT_FALSE(is_leaving_note(note, MatchId::random(rng)));
    EXPECT_FALSE(is_packet(note)) << "no QUIC end takes it for a packet";
    EXPECT_GE(note.size(), kMinFillerBytes);
    EXPECT_LE(note.size(), kMaxLeavingNoteBytes);
  }
}

TEST(LeavingNote, IsNeitherFillerNorPacketNorPartOfItself) {
  SeededRng rng{4};
  const auto match = MatchId::random(rng);
  const auto note = make_leaving_note(match, rng);
  for (std::size_t size = 0; size <= MatchId::kBytes; ++size)
    EXPECT_FALSE(is_leaving_note(ByteView(note).first(size), match));
  auto packet = note;
  packet.front() |= kPacketBit;
  EXPECT_FALSE(is_leaving_note(packet, match)) << "what QUIC will read is nothing else";
}

}  // namespace
}  // namespace footbridge::core
