#include "wire/session_destination.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/overloaded.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kHostV4 = 1;
constexpr std::uint8_t kHostV6 = 2;
constexpr std::uint8_t kHostName = 3;

// Letters, digits, hyphen, dot, and the underscore of service names. Everything else (spaces, NUL, brackets, UTF-8)
// could mean one thing to a policy and another to a resolver.
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHostNameBytes && std::ranges::all_of(text, is_host_character);
}

std::optional<std::variant<std::string, IpAddress>> read_host(ByteReader& in) {
  const auto type = in.u8();
  if (!type) return std::nullopt;
  if (*type == kHostV4) {
    const auto address = in.u32();
    if (!address) return std::nullopt;
    return IpAddress::v4(*address);
  }
  if (*type == kHostV6) {
    const auto raw = in.bytes(16);
    if (!raw) return std::nullopt;
    std::array<std::uint8_t, 16> address{};
    std::copy_n(as_u8(*raw), address.size(), address.begin());
    return IpAddress::v6(address);
  }
  if (*type != kHostName) return std::nullopt;
  const auto length = in.u8();
  const auto text = length ? in.bytes(*length) : std::nullopt;
  if (!text || !is_host_name(as_text(*text))) return std::nullopt;
  return to_string(*text);
}

}  // namespace

std::optional<Destination> read_destination(ByteReader& in) {
  auto host = read_host(in);
  const auto port = host ? in.u16() : std::nullopt;
  if (!port || *port == 0) return std::nullopt;
  return Destination{std::move(*host), *port};
}

bool is_destination(const Destination& destination) {
  const auto* text = std::get_if<std::string>(&destination.host);
  return destination.port != 0 && (text == nullptr || is_host_name(*text));
}

bool write_destination(ByteWriter& out, const Destination& destination) {
  if (!is_destination(destination)) return false;
  std::visit(
      Overloaded{[&](const std::string& host) {
                   out.u8(kHostName).u8(static_cast<std::uint8_t>(host.size())).bytes(as_bytes(host));
                 },
                 [&](const IpAddress& address) { out.u8(address.is_v4() ? kHostV4 : kHostV6).bytes(address.view()); }},
      destination.host);
  out.u16(destination.port);
  return true;
}

}  // namespace footbridge::wire
