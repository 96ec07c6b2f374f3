// What a home router understands on UDP port 5351: PCP's MAP (RFC 6887) and, in older ones, NAT-PMP (RFC 6886). Only
// what forwarding one UDP port needs: no options, no PEER, no announcements. A datagram is one message; nothing is
// kept.
//
// Errors: what is not a response to one of our questions, or is cut short, is nothing (nullopt): drop it. A router's
// refusal is a response.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"

namespace footbridge::wire {

inline constexpr std::uint16_t kPortControlPort = 5351;
inline constexpr std::size_t kMaxPortControlBytes = 1100;  // RFC 6887 §7

// Names a mapping: who does not know it cannot delete or take over the mapping (RFC 6887 §11.2).
using PcpNonce = std::array<std::byte, 12>;

struct PcpMap {
  PcpNonce nonce{};
  Private<IpAddress> client;  // ours, as the router sees it
  std::uint16_t internal_port = 0;
  std::optional<Private<Endpoint>> external;  // wished for; of a renewal: the one we have
  std::uint32_t lifetime_s = 0;               // 0: end the mapping
};
Bytes encode_pcp_map(const PcpMap& map);

// NAT-PMP asks for address and port separately.
Bytes encode_pmp_address();
struct PmpMap {
  std::uint16_t internal_port = 0;
  std::uint16_t external_port = 0;  // wished for; 0: any
  std::uint32_t lifetime_s = 0;     // 0: end the mapping
};
Bytes encode_pmp_map(const PmpMap& map);

struct PcpMapped {
  std::uint8_t result = 0;  // RFC 6887 §7.4; 0: done
  PcpNonce nonce{};
  std::uint16_t internal_port = 0;
  Private<Endpoint> external;
  std::uint32_t lifetime_s = 0;
};
struct PmpAddress {
  std::uint16_t result = 0;  // RFC 6886 §3.5; 0: done
  Private<IpAddress> external;
};
struct PmpMapped {
  std::uint16_t result = 0;
  std::uint16_t internal_port = 0;
  std::uint16_t external_port = 0;
  std::uint32_t lifetime_s = 0;
};
// The router does not speak the version that we asked in.
struct VersionRefused {
  std::uint8_t speaks = 0;  // 0: NAT-PMP
};
using PortControlResponse = std::variant<PcpMapped, PmpAddress, PmpMapped, VersionRefused>;
std::optional<PortControlResponse> parse_port_control(ByteView datagram);

}  // namespace footbridge::wire
