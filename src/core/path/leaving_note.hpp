// What a volunteer that is about to leave says to its client on their link: one filler whose bytes 1 to 16 are the
// match id, which only broker, volunteer, client and egress know. To everybody else, and to a client that does not know
// of notes, it is filler, and dropped. Nobody has to believe it: all it can do is make a client look for somebody else.
//
// Messages of a link may be lost, so a note is repeated. Spec: docs/spec/02-link.md §6.
#pragma once

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxLeavingNoteBytes = 96;  // LINK-B27: no length of its own, and nothing to pay for

Bytes make_leaving_note(const MatchId& match, Rng& rng);
bool is_leaving_note(ByteView message, const MatchId& match);

}  // namespace footbridge::core
