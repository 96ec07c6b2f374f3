// The header in front of each datagram between an application and a SOCKS5 proxy's UDP port (RFC 1928 §7):
//
//   2 bytes reserved   1 byte FRAG   1 byte address type   address   2 bytes port   payload
//
// FRAG must be 0: putting fragments together is optional, hardly anybody sends any, and who does is told so by silence.
// A name that spells an address becomes that address, as in the TCP half (socks5.hpp); names are not resolved here.
// Bounds: none of its own, the datagram is the bound. Views point into the input. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/session_destination.hpp"

namespace footbridge::wire {

// Reserved, FRAG, address type, length and the longest name, port.
inline constexpr std::size_t kMaxSocksUdpHeaderBytes = 2 + 1 + 1 + 1 + 255 + 2;

struct SocksDatagram {
  Private<Destination> to;  // from the application: where to; to the application: where from
  ByteView payload;
};

// All of them mean: drop the datagram.
enum class SocksUdpErrc : std::uint8_t {
  Truncated = 1,
  Fragment,     // FRAG is not 0
  AddressType,  // none of IPv4, IPv6, name
  BadHost,      // a name that no host has, or port 0
};
std::string_view name(SocksUdpErrc error);

Result<SocksDatagram, SocksUdpErrc> parse_socks_datagram(ByteView in);
// nullopt: a destination that parse_socks_datagram would refuse.
std::optional<Bytes> encode_socks_datagram(const SocksDatagram& datagram);

}  // namespace footbridge::wire
