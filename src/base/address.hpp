// IP addresses and endpoints as values: parsed strictly, compared bytewise. No names, no zones, no resolution.
// Never print one: hold it as Private<Endpoint> wherever it could meet a log. to_text() is for sockets and SDP only.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace footbridge {

enum class Family : std::uint8_t { V4 = 4, V6 = 6 };

class IpAddress {
 public:
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);

  // Dotted quad with exactly four decimal numbers without leading zeros, or RFC 4291 §2.2 text without zone.
  // Anything else (octal, hex, short forms, brackets) is nullopt: those spellings exist to slip past filters.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::V4; }
  std::uint32_t v4_host_order() const;                                     // of a V4 address
  const std::array<std::uint8_t, 16>& v6_bytes() const { return bytes_; }  // of a V6 address
  ByteView view() const;                                                   // 4 or 16 bytes, network order

  std::string to_text() const;  // RFC 5952
  // The category is written out for the browser build, see id.hpp.
  friend std::strong_ordering operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::V4;
  std::array<std::uint8_t, 16> bytes_{};  // V4 in the first four
};

// An address block, e.g. 10.0.0.0/8.
struct Prefix {
  IpAddress network;
  unsigned length_bits = 0;
  static std::optional<Prefix> parse(std::string_view text);  // "10.0.0.0/8"; host bits must be zero
  bool contains(const IpAddress& address) const;              // false across families
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  std::string to_text() const;  // "192.0.2.1:80", "[2001:db8::1]:80"
  // "192.0.2.1:80" or "[2001:db8::1]:80", port 0..65535.
  static std::optional<Endpoint> parse(std::string_view text);
  friend std::strong_ordering operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace footbridge
