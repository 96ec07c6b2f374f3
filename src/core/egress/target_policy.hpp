// What a client may name as a destination, before anybody resolves it. Threat T4: a spelling that one parser reads as
// a name and another as an address (0x7f.1, 2130706433, 0177.0.0.1) must never reach a resolver.
// No I/O. Names are compared and resolved in the normal form made here: lower case, no trailing dot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 §2.3.4 without the root's length byte and dot

enum class TargetErrc : std::uint8_t {
  Empty = 1,
  TooLong,      // name > 253 or a label > 63 bytes
  Malformed,    // an empty label, a foreign character, a hyphen at a label's edge
  Numeric,      // the last label is a number: some resolver would read an address
  SingleLabel,  // "intranet", "localhost": means something on the egress's own network only
  LocalSuffix,  // .localhost .local .internal .home.arpa .onion and the like: never in the public DNS
};
std::string_view name(TargetErrc error);

using HostName = Private<std::string>;
using Target = std::variant<HostName, IpAddress>;

// An address literal (dotted quad; IPv6 with or without brackets) or a DNS name.
Result<Target, TargetErrc> parse_target(std::string_view host);

}  // namespace footbridge::core
