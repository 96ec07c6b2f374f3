#include "wire/ice_candidate.hpp"

#include <array>
#include <optional>

#include "base/assert.hpp"
#include "base/number_text.hpp"
#include "wire/sdp_text.hpp"

namespace footbridge::wire {
namespace {

struct TypeName {
  std::string_view text;
  CandidateType type;
};
constexpr std::array<TypeName, 4> kTypeNames = {{{"host", CandidateType::Host},
                                                 {"srflx", CandidateType::ServerReflexive},
                                                 {"prflx", CandidateType::PeerReflexive},
                                                 {"relay", CandidateType::Relayed}}};

std::optional<CandidateType> parse_type(std::string_view text) {
  for (const auto& entry : kTypeNames)
    if (entry.text == text) return entry.type;
  return std::nullopt;
}

std::string_view type_text(CandidateType type) {
  for (const auto& entry : kTypeNames)
    if (entry.type == type) return entry.text;
  FB_ASSERT(false);
}

// Letters, digits, '-', '.', '_' and ':' (scoped addresses are refused later): anything that could be a name or
// address.
bool is_connection_address(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  for (const char c : text)
    if (!is_alphanumeric(c) && c != '-' && c != '.' && c != '_' && c != ':') return false;
  return true;
}

}  // namespace

Result<IceCandidate, CandidateError> parse_candidate(std::string_view value) {
  const auto foundation = take_word(value);
  const auto component = take_word(value);
  const auto transport = take_word(value);
  const auto priority = parse_number(take_word(value), UINT32_MAX);
  const auto address_text = take_word(value);
  const auto port = parse_number(take_word(value), 65'535);
  const auto marker = take_word(value);
  const auto type = parse_type(take_word(value));
  if (foundation.size() > kMaxFoundationChars || !is_ice_chars(foundation)) return CandidateError::Malformed;
  if (!parse_number(component, 256) || !is_token(transport) || !priority || !port) return CandidateError::Malformed;
  if (!is_connection_address(address_text) || marker != "typ" || !type) return CandidateError::Malformed;

  if (component != "1" || !equal_ignoring_case(transport, "udp")) return CandidateError::Unusable;
  const auto address = IpAddress::parse(address_text);
  if (!address) return CandidateError::Unusable;  // a name: resolving it would let the other side choose our queries
  return IceCandidate{std::string(foundation), static_cast<std::uint32_t>(*priority),
                      Private(Endpoint{*address, static_cast<std::uint16_t>(*port)}), *type};
}

std::string encode_candidate(const IceCandidate& candidate) {
  const auto& endpoint = candidate.endpoint.reveal_to_socket();
  std::string out = candidate.foundation;
  out += " 1 udp ";
  out += number_text(candidate.priority);
  out += ' ';
  out += endpoint.address.to_text();
  out += ' ';
  out += number_text(endpoint.port);
  out += " typ ";
  out += type_text(candidate.type);
  if (candidate.type != CandidateType::Host)
    out += endpoint.address.is_v4() ? " raddr 0.0.0.0 rport 0" : " raddr :: rport 0";
  return out;
}

}  // namespace footbridge::wire
