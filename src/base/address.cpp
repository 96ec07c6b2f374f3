#include "base/address.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/number_text.hpp"

namespace footbridge {
namespace {

std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  const auto value = parse_number(text, max);
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto value = parse_decimal(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    address = address << 8 | *value;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

struct Groups {
  std::array<std::uint16_t, 8> at{};
  std::size_t size = 0;

  // False: an address has no more.
  bool add(std::uint64_t group) {
    if (size == at.size()) return false;
    at[size++] = static_cast<std::uint16_t>(group);
    return true;
  }
};

// One side of "::": groups of hex, the last of which may be a dotted quad where the address ends.
bool parse_groups(std::string_view text, bool ends_address, Groups& groups) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto piece = text.substr(0, colon);
    if (piece.find('.') != std::string_view::npos) {
      const auto quad = parse_v4(piece);
      if (!quad || !ends_address || colon != std::string_view::npos) return false;
      return groups.add(*quad >> 16) && groups.add(*quad & 0xffff);
    }
    const auto group = parse_number(piece, 0xffff, 16);
    if (!group || piece.size() > 4 || !groups.add(*group)) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // trailing colon
  }
  return true;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  Groups head;
  Groups tail;
  const auto gap = text.find("::");
  if (!parse_groups(text.substr(0, gap), gap == std::string_view::npos, head)) return std::nullopt;
  if (gap != std::string_view::npos) {
    if (text.find("::", gap + 1) != std::string_view::npos) return std::nullopt;
    if (!parse_groups(text.substr(gap + 2), true, tail)) return std::nullopt;
    if (head.size + tail.size > 7) return std::nullopt;
    std::copy_n(tail.at.begin(), tail.size, head.at.end() - static_cast<std::ptrdiff_t>(tail.size));
  } else if (head.size != 8) {
    return std::nullopt;
  }
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(head.at[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(head.at[i]);
  }
  return bytes;
}

std::string v6_text(const std::array<std::uint8_t, 16>& bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  std::size_t best = 8;
  std::size_t best_length = 1;  // RFC 5952 §4.2.2: a single zero group is not shortened
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) best = i, best_length = length;
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += number_text(groups[i], 16);
  }
  return out;
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress out;
  for (std::size_t i = 0; i < 4; ++i) out.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return out;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out;
  out.family_ = Family::V6;
  out.bytes_ = bytes;
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 45) return std::nullopt;  // the longest spelling of RFC 4291
  if (text.find(':') != std::string_view::npos) {
    const auto bytes = parse_v6(text);
    return bytes ? std::optional(v6(*bytes)) : std::nullopt;
  }
  const auto quad = parse_v4(text);
  return quad ? std::optional(v4(*quad)) : std::nullopt;
}

std::uint32_t IpAddress::v4_host_order() const {
  FB_ASSERT(is_v4());
  return static_cast<std::uint32_t>(bytes_[0]) << 24 | static_cast<std::uint32_t>(bytes_[1]) << 16 |
         static_cast<std::uint32_t>(bytes_[2]) << 8 | bytes_[3];
}

ByteView IpAddress::view() const { return as_bytes(bytes_.data(), is_v4() ? 4 : 16); }

std::string IpAddress::to_text() const {
  if (!is_v4()) return v6_text(bytes_);
  std::string out;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    out += number_text(bytes_[i]);
  }
  return out;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto network = IpAddress::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  const auto length = parse_decimal(text.substr(slash + 1), network->is_v4() ? 32 : 128);
  if (!length) return std::nullopt;
  const auto bytes = network->view();
  for (std::size_t bit = *length; bit < 8 * bytes.size(); ++bit)
    if ((std::to_integer<unsigned>(bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  return Prefix{*network, *length};
}

bool Prefix::contains(const IpAddress& address) const {
  if (address.family() != network.family()) return false;
  const auto ours = network.view();
  const auto theirs = address.view();
  const auto whole = length_bits / 8;
  if (!std::equal(ours.begin(), ours.begin() + whole, theirs.begin())) return false;
  if (length_bits % 8 == 0) return true;
  const auto mask = static_cast<std::byte>(0xff00U >> (length_bits % 8));
  return (ours[whole] & mask) == (theirs[whole] & mask);
}

std::string Endpoint::to_text() const {
  return (address.is_v4() ? address.to_text() : "[" + address.to_text() + "]") + ":" + number_text(port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  const auto port = parse_decimal(text.substr(colon + 1), 65535);
  if (!address || !port || bracketed != (address->family() == Family::V6)) return std::nullopt;
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

}  // namespace footbridge
