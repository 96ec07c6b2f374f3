// The text of an invite: what people send each other and paste.
//
//   footbridge1 ‖ base32( length, 2 bytes big-endian ‖ invite ‖ CRC-32 of everything before, 4 bytes big-endian )
//
// Base32 has no character that chat programs take for markup, and a QR code of it in capitals is small. The 1 is in no
// base32 text, so it ends the prefix; it is the version. Read from the middle of a message: what stands before the
// prefix and behind the last character is ignored, and so are blanks, line breaks, quotation marks at the beginning of
// a line and invisible characters in between. The length and the checksum tell what happened to a text that cannot be
// read.
#pragma once

#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/invite.hpp"

namespace footbridge::wire {

inline constexpr std::string_view kInvitePrefix = "footbridge1";
inline constexpr std::size_t kMaxInviteTextBytes = 64 * 1024;  // a letter around it, and then some

enum class InviteErrc : std::uint8_t {
  NotAnInvite,     // there is no prefix of an invite in it: the wrong thing was pasted
  Newer,           // an invite of another version: upgrade
  TooLong,         // above kMaxInviteTextBytes: the wrong thing was pasted
  CutOff,          // it ends early: copy it whole
  WrongCharacter,  // something stands in it that no invite has: copy it again
  Mistyped,        // the checksum is wrong: a character was changed, left out or added
  Malformed,       // well copied, and yet not an invite we understand: ask whoever made it
};
std::string_view name(InviteErrc error);

Result<Invite, InviteErrc> parse_invite_text(std::string_view text);
// In lower case, one word. encode_invite(invite) has kMaxInviteBytes at most.
Private<std::string> invite_text(const Invite& invite);

}  // namespace footbridge::wire
