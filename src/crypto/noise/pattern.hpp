// The handshake patterns we use (Noise revision 34 §7.5), all with 25519, ChaChaPoly and BLAKE2b. In each of them the
// initiator knows the responder's static key beforehand. Pure tables.
//   IK  the initiator is known by a static key, which travels sealed in its first message
//   NK  the initiator stays unknown
//   XK  as IK, with the key in a third message, which only the true responder of this very exchange can read
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace footbridge::crypto::noise {

enum class Pattern : std::uint8_t { IK, NK, XK };

// E and S are a public key on its way; of the others the first letter is the initiator's key, the second the
// responder's, and the secret that both agree on is mixed in.
enum class Token : std::uint8_t { E, S, EE, ES, SE, SS };

struct PatternShape {
  std::string_view protocol_name;
  std::span<const std::span<const Token>> messages;  // the initiator's, the responder's, and so on
  bool initiator_is_known = false;                   // it has a static key
};

const PatternShape& shape_of(Pattern pattern);

}  // namespace footbridge::crypto::noise
