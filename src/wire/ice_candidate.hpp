// One ICE candidate as an SDP attribute (RFC 8839 §5.1): UDP, component 1, a literal address. Pure text; nothing is
// resolved. Whether a candidate may be *used* is decided elsewhere, by ice_candidate_filter.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };

struct IceCandidate {
  std::string foundation;  // 1..32 ice-chars
  std::uint32_t priority = 0;
  Private<Endpoint> endpoint;
  CandidateType type = CandidateType::Host;
  friend bool operator==(const IceCandidate&, const IceCandidate&) = default;
};

enum class CandidateError : std::uint8_t {
  Malformed = 1,  // not a candidate attribute: reject the whole description
  Unusable,       // well-formed but not for us (TCP, another component, a host name such as mDNS): skip it
};

inline constexpr std::size_t kMaxFoundationChars = 32;  // RFC 8839 §5.1

// `value` is what follows "a=candidate:". Extension attributes after the type are skipped.
Result<IceCandidate, CandidateError> parse_candidate(std::string_view value);

// Inverse of parse_candidate, without "a=candidate:". Reflexive and relayed candidates carry the related address
// 0.0.0.0 or ::, port 0, as browsers write it: the private address behind a translation is nobody's business.
std::string encode_candidate(const IceCandidate& candidate);

}  // namespace footbridge::wire
