#include "core/path/leaving_note.hpp"

#include <algorithm>

#include "core/path/filler.hpp"

namespace footbridge::core {

Bytes make_leaving_note(const MatchId& match, Rng& rng) {
  auto note = rng.bytes(static_cast<std::size_t>(rng.between(kMinFillerBytes, kMaxLeavingNoteBytes)));
  note.front() &= ~kPacketBit;
  std::ranges::copy(match.view(), note.begin() + 1);
  return note;
}

bool is_leaving_note(ByteView message, const MatchId& match) {
  return message.size() > MatchId::kBytes && !is_packet(message) &&
         std::ranges::equal(message.subspan(1, MatchId::kBytes), match.view());
}

}  // namespace footbridge::core
