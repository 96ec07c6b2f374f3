#include "transport/webrtc/stun_integrity.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.hpp"

namespace footbridge::webrtc {
namespace {

wire::StunMac mac_of(const Private<std::string>& password, ByteView covered) {
  const auto& key = password.reveal_to_socket();
  wire::StunMac out{};
  unsigned bytes = 0;
  const auto* const made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), as_u8(covered), covered.size(),
                                as_u8(ByteSpan(out)), &bytes);
  FB_ASSERT(made != nullptr && bytes == out.size());
  return out;
}

}  // namespace

void seal(Bytes& message, const Private<std::string>& password) {
  wire::seal_stun(message, mac_of(password, wire::stun_integrity_input(message, message.size())));
}

bool is_authentic(const wire::StunMessage& parsed, ByteView message, const Private<std::string>& password) {
  if (!parsed.mac) return false;
  return equal_in_constant_time(*parsed.mac, mac_of(password, wire::stun_integrity_input(message, parsed.mac_at)));
}

}  // namespace footbridge::webrtc
