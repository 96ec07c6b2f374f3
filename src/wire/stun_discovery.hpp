// Questions to a STUN server and its answers (RFC 8489), with what behaviour discovery adds (RFC 5780): who am I to
// you, please answer from your other address or port, and where that is. Nothing here is authenticated: an answer is
// known by its transaction, and by whoever has seen the question it can be made up.
//
// Bounds: as kMaxStunBytes. A question without a change is the 20 bytes that every WebRTC program sends.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/stun.hpp"

namespace footbridge::wire {

// From where a server is to answer (RFC 5780 §7.2); the values are the flags on the wire.
enum class StunChange : std::uint8_t { None = 0, Port = 2, AddressAndPort = 6 };

Bytes encode_stun_question(const StunTransaction& transaction, StunChange change);

struct StunAnswer {
  StunTransaction transaction{};
  bool refused = false;            // an error answer: the server will not, or does not know how
  std::optional<Endpoint> mapped;  // who we are to the server; always there unless refused
  std::optional<Endpoint> origin;  // from where the server believes to have answered
  std::optional<Endpoint> other;   // its other address and other port
};

// As StunError says; a success without XOR-MAPPED-ADDRESS is Malformed. FINGERPRINT may be missing, but not be wrong.
Result<StunAnswer, StunError> parse_stun_answer(ByteView message);

// What a server would say; tests and the simulator are such servers.
Bytes encode_stun_answer(const StunAnswer& answer);

}  // namespace footbridge::wire
