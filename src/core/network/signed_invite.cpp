#include "core/network/signed_invite.hpp"

#include <utility>

#include "base/assert.hpp"
#include "core/network/directory_chain.hpp"
#include "core/network/directory_keeper.hpp"

namespace footbridge::core {
namespace {

Bytes statement(const wire::Invite& invite) {
  auto out = to_bytes(kInviteContext);
  append(out, invite.content.reveal_to_socket());
  return out;
}

// Neither longer than it may be, nor made outside of its certificate.
bool in_time(const wire::Invite& invite, const wire::Certificate& certificate) {
  const wire::Validity valid{invite.made, invite.until};
  return certificate.valid.length() <= kMostCertificateSeconds && certificate.valid.holds(invite.made) &&
         valid.length() > 0 && valid.length() <= kMostInviteSeconds;
}

}  // namespace

std::optional<InviteRefusal> check_signatures(const wire::Invite& invite) {
  const auto certificate = open_certificate(invite.root, invite.certificate);
  if (!certificate) return InviteRefusal::Foreign;
  const crypto::Ed25519PublicKey key{certificate->directory_key.raw};
  if (!crypto::ed25519_verify(key, statement(invite), {invite.signature.raw})) return InviteRefusal::Forged;
  if (!in_time(invite, *certificate)) return InviteRefusal::OutOfTime;
  return std::nullopt;
}

std::optional<InviteRefusal> judge_invite(const wire::Invite& invite, UnixSeconds now, std::uint64_t known_serial) {
  if (const auto wrong = check_signatures(invite)) return wrong;
  if (count(invite.made) > count(now) + kClockToleranceSeconds) return InviteRefusal::NotYet;
  if (now >= invite.until) return InviteRefusal::Over;
  if (open_certificate(invite.root, invite.certificate)->serial < known_serial) return InviteRefusal::Superseded;
  return std::nullopt;
}

wire::Invite sign_invite(const crypto::Ed25519KeyPair& directory_key, wire::Invite invite) {
  invite.content = Private<Bytes>(wire::encode_invite_content(invite));
  invite.signature = {directory_key.sign(statement(invite)).raw};
  return invite;
}

std::string_view name(InviteRefusal refusal) {
  switch (refusal) {
    case InviteRefusal::Foreign: return "foreign";
    case InviteRefusal::Forged: return "forged";
    case InviteRefusal::OutOfTime: return "out-of-time";
    case InviteRefusal::NotYet: return "not-yet";
    case InviteRefusal::Over: return "over";
    case InviteRefusal::Superseded: return "superseded";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
