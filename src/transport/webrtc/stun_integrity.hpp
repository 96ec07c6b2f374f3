// Authenticity of ICE's STUN messages: MESSAGE-INTEGRITY by HMAC-SHA1 with the password of whoever is asked
// (RFC 8445 §7.1, RFC 8489 §14.5). Thread: any.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "wire/stun.hpp"

namespace footbridge::webrtc {

struct IceCredentials {
  Private<std::string> ufrag;
  Private<std::string> pwd;
};

// Adds MESSAGE-INTEGRITY and FINGERPRINT.
void seal(Bytes& message, const Private<std::string>& password);
// `parsed` is what parse_stun() made of `message`.
bool is_authentic(const wire::StunMessage& parsed, ByteView message, const Private<std::string>& password);

}  // namespace footbridge::webrtc
