// What both ends of a sealed exchange agree on: spec 10. The body inside is wire's business and opaque here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"
#include "crypto/envelope.hpp"
#include "crypto/noise/message.hpp"
#include "crypto/resumption.hpp"
#include "crypto/x25519.hpp"

namespace footbridge::core {

// SEAL-B6: what fits into one Noise message of any pattern, and with a ticket into the last size class.
inline constexpr std::size_t kMaxSealedBodyBytes = 65'024;
// Under this label both ends of a finished handshake derive the keys of the ticket that its answer carries.
inline constexpr std::string_view kResumptionLabel = "footbridge resumption";

// What surrounds a body, at most: of a first message (IK: two keys and two tags), of its answer (a key, a tag, a sealed
// ticket), and of a resumed request and its answer (a ticket, a byte that says whether there is one, a tag).
inline constexpr std::size_t kFirstOverhead = 2 * (crypto::X25519PublicKey::kBytes + crypto::kAeadTagBytes);
inline constexpr std::size_t kSealedTicketBytes = crypto::kResumptionTicketBytes + crypto::kAeadTagBytes;
static_assert(kMaxSealedBodyBytes + kFirstOverhead <= crypto::noise::kMaxMessageBytes);
static_assert(kMaxSealedBodyBytes + kFirstOverhead <= crypto::kMaxRequestMessageBytes);
static_assert(kMaxSealedBodyBytes + kFirstOverhead + kSealedTicketBytes <= crypto::kMaxResponseMessageBytes);
static_assert(kMaxSealedBodyBytes + 1 + kSealedTicketBytes <= crypto::kMaxRequestMessageBytes);

// One value only: whatever was wrong, a peer learns nothing from it, and neither does who calls.
enum class SealErrc : std::uint8_t {
  Refused,  // broker: answer as to any unknown URL. Asker: not the broker's answer; try again, with a handshake
};

}  // namespace footbridge::core
