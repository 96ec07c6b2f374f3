#include "wire/ice_candidate_filter.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.hpp"

namespace footbridge::wire {
namespace {

struct V4Block {
  std::uint32_t network;
  unsigned length_bits;
  CandidateVerdict verdict;
};

// IANA special-purpose registry for IPv4, plus multicast and class E, and what a cloud hides in public space.
constexpr std::array<V4Block, 19> kV4Blocks = {{
    {0x00000000, 8, CandidateVerdict::NotUnicast},   // "this network"
    {0x0a000000, 8, CandidateVerdict::NotPublic},    // 10/8
    {0x64400000, 10, CandidateVerdict::NotPublic},   // 100.64/10, carrier-grade translation
    {0x7f000000, 8, CandidateVerdict::NotPublic},    // loopback
    {0xa83f8110, 32, CandidateVerdict::NotPublic},   // 168.63.129.16, Azure's host agent
    {0xa9fe0000, 16, CandidateVerdict::NotPublic},   // link-local, cloud metadata services
    {0xac100000, 12, CandidateVerdict::NotPublic},   // 172.16/12
    {0xc0000000, 24, CandidateVerdict::NotUnicast},  // protocol assignments
    {0xc0000200, 24, CandidateVerdict::NotPublic},   // documentation 192.0.2/24
    {0xc01fc400, 24, CandidateVerdict::NotUnicast},  // AS112
    {0xc034c100, 24, CandidateVerdict::NotUnicast},  // AMT
    {0xc0586300, 24, CandidateVerdict::Embedded},    // 6to4 relays
    {0xc0a80000, 16, CandidateVerdict::NotPublic},   // 192.168/16
    {0xc0af3000, 24, CandidateVerdict::NotUnicast},  // AS112
    {0xc6120000, 15, CandidateVerdict::NotPublic},   // benchmarking
    {0xc6336400, 24, CandidateVerdict::NotPublic},   // documentation 198.51.100/24
    {0xcb007100, 24, CandidateVerdict::NotPublic},   // documentation 203.0.113/24
    {0xe0000000, 4, CandidateVerdict::NotUnicast},   // multicast
    {0xf0000000, 4, CandidateVerdict::NotUnicast},   // reserved, broadcast
}};

CandidateVerdict judge_v4(const IpAddress& address) {
  const auto value = address.v4_host_order();
  for (const auto& block : kV4Blocks)
    if ((value ^ block.network) >> (32 - block.length_bits) == 0) return block.verdict;
  return CandidateVerdict::Usable;
}

bool starts_with(const IpAddress& address, std::string_view prefix) {
  const auto parsed = Prefix::parse(prefix);
  FB_ASSERT(parsed.has_value());
  return parsed->contains(address);
}

// RFC 5214 §6.1: interface identifier [00|02] 00 5e fe, then an IPv4 address.
bool is_isatap(const IpAddress& address) {
  const auto& bytes = address.v6_bytes();
  return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

// Only 2000::/3 is global unicast; inside it a few blocks are not what they seem.
CandidateVerdict judge_v6(const IpAddress& address) {
  constexpr std::array<std::string_view, 6> kEmbedding = {"::ffff:0:0/96",  "::/96",     "64:ff9b::/96",
                                                          "64:ff9b:1::/48", "2002::/16", "2001::/32"};
  if (starts_with(address, "::/128")) return CandidateVerdict::NotUnicast;
  if (starts_with(address, "::1/128") || starts_with(address, "fc00::/7") || starts_with(address, "fe80::/10") ||
      starts_with(address, "fec0::/10") || starts_with(address, "2001:db8::/32") || starts_with(address, "3fff::/20"))
    return CandidateVerdict::NotPublic;
  for (const auto prefix : kEmbedding)
    if (starts_with(address, prefix)) return CandidateVerdict::Embedded;
  if (!starts_with(address, "2000::/3")) return CandidateVerdict::NotUnicast;
  if (is_isatap(address)) return CandidateVerdict::Embedded;
  if (starts_with(address, "2001::/23")) return CandidateVerdict::NotUnicast;  // protocol assignments
  return CandidateVerdict::Usable;
}

}  // namespace

std::string_view name(CandidateVerdict verdict) {
  switch (verdict) {
    case CandidateVerdict::Usable: return "usable";
    case CandidateVerdict::BadPort: return "bad_port";
    case CandidateVerdict::NotUnicast: return "not_unicast";
    case CandidateVerdict::NotPublic: return "not_public";
    case CandidateVerdict::Embedded: return "embedded";
    case CandidateVerdict::OwnSubnet: return "own_subnet";
  }
  FB_ASSERT(false);
}

CandidateVerdict judge_endpoint(const Endpoint& endpoint, const CandidatePolicy& policy) {
  if (endpoint.port < kMinCandidatePort) return CandidateVerdict::BadPort;
  const auto verdict = endpoint.address.is_v4() ? judge_v4(endpoint.address) : judge_v6(endpoint.address);
  if (verdict == CandidateVerdict::NotPublic && policy.allow_private) return CandidateVerdict::Usable;
  if (verdict != CandidateVerdict::Usable) return verdict;
  const bool neighbour = std::any_of(policy.own_subnets.begin(), policy.own_subnets.end(),
                                     [&](const Prefix& subnet) { return subnet.contains(endpoint.address); });
  return neighbour && !policy.allow_private ? CandidateVerdict::OwnSubnet : CandidateVerdict::Usable;
}

FilteredCandidates filter_candidates(const std::vector<IceCandidate>& candidates, const CandidatePolicy& policy) {
  FilteredCandidates out;
  for (const auto& candidate : candidates) {
    const bool known = std::any_of(out.usable.begin(), out.usable.end(),
                                   [&](const IceCandidate& seen) { return seen.endpoint == candidate.endpoint; });
    const auto verdict = judge_endpoint(candidate.endpoint.reveal_to_socket(), policy);
    if (verdict == CandidateVerdict::Usable && !known && out.usable.size() < kMaxUsedCandidates) {
      out.usable.push_back(candidate);
    } else {
      ++out.refused;
    }
  }
  return out;
}

}  // namespace footbridge::wire
