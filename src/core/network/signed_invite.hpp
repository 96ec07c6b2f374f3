// Who made an invite: the root certified a directory key, and that key signed the invite, so that the words of the
// root, once compared, prove everything in it. Signing for operators, checking for everybody else. Pure; any thread.
//
// An invite's own end decides how long one may join with it: a certificate that is over by then was in order when the
// invite was made. But who stole a directory key writes any time he likes, so times alone do not stop him: what is
// signed by a key counts kMostInviteSeconds after the key's certificate at the most, and not at all for who knows that
// network's next key already (DirectoryKeeper::serial()).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/ed25519.hpp"
#include "wire/invite.hpp"

namespace footbridge::core {

inline constexpr std::string_view kInviteContext{"footbridge invite 1\0", 20};

// NET-T9, spec 11 §7: time to meet a person; and what a stolen key is worth after its certificate.
inline constexpr std::uint64_t kMostInviteSeconds = 30 * 86'400;

// Why an invite is not taken; a person reads what to do.
enum class InviteRefusal : std::uint8_t {
  Foreign,     // its certificate is not signed by the root that it names: it was changed, or is forged
  Forged,      // not signed by the certified key: the same
  OutOfTime,   // made when its certificate did not hold, or for longer than any may be: whoever made it has to mend it
  NotYet,      // made in the future: look at the clock
  Over,        // too late to join with it: ask for another one, or look at the clock
  Superseded,  // of a directory key that was replaced: it may be stolen; ask for another invite
};
std::string_view name(InviteRefusal refusal);

// What does not change with time: also asked when a kept invite is read back. nullopt: it is in order.
std::optional<InviteRefusal> check_signatures(const wire::Invite& invite);
// All of it, of an invite that somebody wants to join with. `known_serial`: of the latest certificate of this network
// that is believed already; 0: none.
std::optional<InviteRefusal> judge_invite(const wire::Invite& invite, UnixSeconds now, std::uint64_t known_serial);

// With its content and its signature. The key is the one that invite.certificate names.
wire::Invite sign_invite(const crypto::Ed25519KeyPair& directory_key, wire::Invite invite);

}  // namespace footbridge::core
