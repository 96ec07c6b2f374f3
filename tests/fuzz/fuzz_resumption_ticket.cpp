// A resumption ticket: changed, or of contents that the broker would not have sealed. Only what was sealed opens, and
// means the same when it is sealed again.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "crypto/resumption.hpp"
#include "deeds.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  using namespace footbridge::crypto;
  static SeededRng rng(1);
  static const auto key = SecretKey::random(rng);
  static const auto genuine = seal_resumption_ticket(
      {ProxyId::random(rng), {SecretKey::random(rng), SecretKey::random(rng)}, UnixSeconds{1}}, key, rng);

  fuzz::Deeds deeds(as_bytes(data, size));
  if (deeds.one_in(2)) {
    auto changed = genuine;
    while (!deeds.empty() && !changed.empty()) {
      if (deeds.one_in(8)) changed.resize(deeds.below(200));
      if (!changed.empty()) changed[deeds.below(changed.size())] ^= static_cast<std::byte>(deeds.byte());
    }
    FB_ASSERT(open_resumption_ticket(changed, key).has_value() == (changed == genuine));
    return 0;
  }
  const bool of_any_length = deeds.one_in(4);
  auto plain = to_bytes(deeds.rest());
  if (!of_any_length) plain.resize(kResumptionTicketBytes - kAeadNonceBytes - kAeadTagBytes);
  const AeadNonce nonce{};
  auto sealed = to_bytes(ByteView(nonce));
  append(sealed, aead_seal(key, nonce, plain, as_bytes("footbridge resumption ticket")));
  const auto opened = open_resumption_ticket(sealed, key);
  if (!opened) return 0;
  const auto again = open_resumption_ticket(seal_resumption_ticket(*opened, key, rng), key);
  FB_ASSERT(again && again->proxy == opened->proxy && again->begun == opened->begun);
  FB_ASSERT(to_bytes(again->keys.to_asker.reveal_to_primitive()) ==
            to_bytes(opened->keys.to_asker.reveal_to_primitive()));
  return 0;
}
