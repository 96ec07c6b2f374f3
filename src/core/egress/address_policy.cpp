#include "core/egress/address_policy.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

struct Block {
  std::array<std::uint8_t, 4> network;
  unsigned length_bits;
};

// IANA IPv4 special-purpose registry without the rows that are plainly global (AS112, AMT), and what clouds hide in
// public space. Blocks inside 224.0.0.0/3 need no rows of their own.
constexpr Block kSpecialV4[] = {
    {{0, 0, 0, 0}, 8},         // "this network"
    {{10, 0, 0, 0}, 8},        // private
    {{100, 64, 0, 0}, 10},     // carrier NAT; Alibaba's metadata at 100.100.100.200
    {{127, 0, 0, 0}, 8},       // loopback
    {{168, 63, 129, 16}, 32},  // Azure's host agent, in public space
    {{169, 254, 0, 0}, 16},    // link-local; metadata of most clouds
    {{172, 16, 0, 0}, 12},     // private
    {{192, 0, 0, 0}, 24},      // IETF protocol assignments; Oracle's metadata at 192.0.0.192
    {{192, 0, 2, 0}, 24},      // documentation
    {{192, 88, 99, 0}, 24},    // 6to4 relay anycast, deprecated
    {{192, 168, 0, 0}, 16},    // private
    {{198, 18, 0, 0}, 15},     // benchmarking
    {{198, 51, 100, 0}, 24},   // documentation
    {{203, 0, 113, 0}, 24},    // documentation
    {{224, 0, 0, 0}, 3},       // multicast 224/4, reserved 240/4, broadcast
};

struct Block6 {
  std::array<std::uint8_t, 16> network;
  unsigned length_bits;
};

// Inside 2000::/3; everything outside is refused without a list.
constexpr Block6 kSpecialV6[] = {
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};
constexpr Block6 kTransitionV6[] = {
    {{0x20, 0x01}, 23},  // IETF protocol assignments: Teredo, benchmarking, ORCHID
    {{0x20, 0x02}, 16},  // 6to4
};
constexpr std::array<std::uint8_t, 12> kNat64{0x00, 0x64, 0xff, 0x9b};  // 64:ff9b::/96, RFC 6052

bool inside(std::span<const std::uint8_t> address, std::span<const std::uint8_t> network, unsigned length_bits) {
  const auto whole = length_bits / 8;
  if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
  if (length_bits % 8 == 0) return true;
  const auto mask = 0xff00U >> (length_bits % 8) & 0xff;
  return (network[whole] & mask) == (address[whole] & mask);
}

template <class Blocks>
bool inside_any(std::span<const std::uint8_t> address, const Blocks& blocks) {
  return std::any_of(std::begin(blocks), std::end(blocks),
                     [&](const auto& block) { return inside(address, block.network, block.length_bits); });
}

bool is_special_v4(std::uint32_t address) {
  const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(address >> 24),
                                          static_cast<std::uint8_t>(address >> 16),
                                          static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
  return inside_any(bytes, kSpecialV4);
}

std::uint32_t v4_at(const std::array<std::uint8_t, 16>& bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(bytes[offset]) << 24 | static_cast<std::uint32_t>(bytes[offset + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[offset + 2]) << 8 | bytes[offset + 3];
}

bool is_nat64(const std::array<std::uint8_t, 16>& bytes) {
  return std::equal(kNat64.begin(), kNat64.end(), bytes.begin());
}

// RFC 5214 §6.1: interface identifier [00|02] 00 5e fe, then the IPv4 address.
bool is_isatap(const std::array<std::uint8_t, 16>& bytes) {
  return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

// The IPv4 address behind a usable IPv6 form. Forms that are refused as a whole need no look inside.
std::optional<std::uint32_t> carried_v4(const IpAddress& address) {
  if (address.is_v4()) return std::nullopt;
  const auto& bytes = address.v6_bytes();
  if (is_nat64(bytes) || is_isatap(bytes)) return v4_at(bytes, 12);
  return std::nullopt;
}

std::optional<Prefix> first_with(const std::vector<Prefix>& prefixes, const IpAddress& address) {
  const auto carried = carried_v4(address);
  const auto found = std::find_if(prefixes.begin(), prefixes.end(), [&](const Prefix& prefix) {
    return prefix.contains(address) || (carried && prefix.contains(IpAddress::v4(*carried)));
  });
  return found != prefixes.end() ? std::optional(*found) : std::nullopt;
}

bool is_own(const std::vector<IpAddress>& own, const IpAddress& address) {
  const auto carried = carried_v4(address);
  return std::any_of(own.begin(), own.end(), [&](const IpAddress& mine) {
    const auto plain = canonical(mine);
    return plain == address || (carried && plain == IpAddress::v4(*carried));
  });
}

}  // namespace

std::string_view name(AddressVerdict verdict) {
  switch (verdict) {
    case AddressVerdict::Allowed: return "allowed";
    case AddressVerdict::Special: return "special";
    case AddressVerdict::Embedded: return "embedded";
    case AddressVerdict::Own: return "own";
    case AddressVerdict::Denied: return "denied";
  }
  FB_ASSERT(false);
}

IpAddress canonical(const IpAddress& address) {
  if (address.is_v4()) return address;
  const auto& bytes = address.v6_bytes();
  const bool ten_zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; });
  const auto tail = static_cast<unsigned>(bytes[10] << 8 | bytes[11]);
  // "::" and "::1" fall under the compatible form, too: 0.0.0.0 and 0.0.0.1 are refused like them.
  return ten_zeros && (tail == 0xffff || tail == 0) ? IpAddress::v4(v4_at(bytes, 12)) : address;
}

AddressVerdict registry_verdict(const IpAddress& spelled) {
  const auto address = canonical(spelled);
  if (address.is_v4())
    return is_special_v4(address.v4_host_order()) ? AddressVerdict::Special : AddressVerdict::Allowed;
  const auto& bytes = address.v6_bytes();
  if (const auto v4 = carried_v4(address); v4 && is_special_v4(*v4)) return AddressVerdict::Embedded;
  if (is_nat64(bytes)) return AddressVerdict::Allowed;  // how an IPv6-only egress reaches the public IPv4 address
  if ((bytes[0] & 0xe0) != 0x20) return AddressVerdict::Special;
  if (inside_any(bytes, kTransitionV6)) return AddressVerdict::Embedded;
  return inside_any(bytes, kSpecialV6) ? AddressVerdict::Special : AddressVerdict::Allowed;
}

AddressPolicy AddressPolicy::unrestricted() {
  AddressPolicy policy{Rules{}};
  policy.unrestricted_ = true;
  return policy;
}

bool AddressPolicy::is_endpoint_exception(const Endpoint& destination) const {
  return std::find(rules_.endpoints.begin(), rules_.endpoints.end(), destination) != rules_.endpoints.end();
}

bool AddressPolicy::has_endpoint_exception(std::uint16_t port) const {
  return std::any_of(rules_.endpoints.begin(), rules_.endpoints.end(),
                     [port](const Endpoint& endpoint) { return endpoint.port == port; });
}

std::optional<Prefix> AddressPolicy::denying_prefix(const IpAddress& spelled) const {
  const auto found = first_with(rules_.deny, canonical(spelled));
  return found ? found : first_with(rules_.deny, spelled);
}

AddressVerdict AddressPolicy::check(const Endpoint& destination) const {
  // An exception is meant as it is written: [::1]:80 is not a spelling of 127.0.0.1:80.
  if (unrestricted_ || is_endpoint_exception(destination)) return AddressVerdict::Allowed;
  const auto address = canonical(destination.address);
  if (is_endpoint_exception({address, destination.port})) return AddressVerdict::Allowed;
  if (is_own(rules_.own, address)) return AddressVerdict::Own;
  if (denying_prefix(destination.address)) return AddressVerdict::Denied;
  const auto by_registry = registry_verdict(address);
  if (by_registry != AddressVerdict::Special) return by_registry;
  // Only a plain address can be excepted: a carried one was refused above as Embedded.
  const bool excepted = std::any_of(rules_.allow.begin(), rules_.allow.end(),
                                    [&](const Prefix& prefix) { return prefix.contains(address); });
  return excepted ? AddressVerdict::Allowed : by_registry;
}

std::optional<Endpoint> AddressPolicy::admit(const Endpoint& destination) const {
  if (check(destination) != AddressVerdict::Allowed) return std::nullopt;
  // Unrestricted dials and exact exceptions go where they were told: [::1] would become 0.0.0.1.
  if (unrestricted_ || is_endpoint_exception(destination)) return destination;
  return Endpoint{canonical(destination.address), destination.port};
}

}  // namespace footbridge::core
