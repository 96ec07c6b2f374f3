#include "wire/socks_udp.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/overloaded.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kAddressV4 = 1;
constexpr std::uint8_t kAddressName = 3;
constexpr std::uint8_t kAddressV6 = 4;

using Host = std::variant<std::string, IpAddress>;

Result<Host, SocksUdpErrc> read_host(ByteReader& in) {
  const auto type = in.u8();
  if (!type) return SocksUdpErrc::Truncated;
  if (*type == kAddressV4) {
    const auto address = in.u32();
    if (!address) return SocksUdpErrc::Truncated;
    return Host{IpAddress::v4(*address)};
  }
  if (*type == kAddressV6) {
    const auto raw = in.bytes(16);
    if (!raw) return SocksUdpErrc::Truncated;
    std::array<std::uint8_t, 16> address{};
    std::copy_n(as_u8(*raw), address.size(), address.begin());
    return Host{IpAddress::v6(address)};
  }
  if (*type != kAddressName) return SocksUdpErrc::AddressType;
  const auto length = in.u8();
  const auto raw = length ? in.bytes(*length) : std::nullopt;
  if (!raw) return SocksUdpErrc::Truncated;
  auto text = as_text(*raw);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (const auto literal = IpAddress::parse(text)) return Host{*literal};
  return Host{to_string(*raw)};
}

}  // namespace

std::string_view name(SocksUdpErrc error) {
  switch (error) {
    case SocksUdpErrc::Truncated: return "truncated";
    case SocksUdpErrc::Fragment: return "fragment";
    case SocksUdpErrc::AddressType: return "address-type";
    case SocksUdpErrc::BadHost: return "bad-host";
  }
  FB_ASSERT(false);
}

Result<SocksDatagram, SocksUdpErrc> parse_socks_datagram(ByteView bytes) {
  ByteReader in(bytes);
  const auto reserved = in.u16();
  const auto fragment = reserved ? in.u8() : std::nullopt;
  if (!fragment) return SocksUdpErrc::Truncated;
  if (*fragment != 0) return SocksUdpErrc::Fragment;
  auto host = read_host(in);
  if (!host) return host.error();
  const auto port = in.u16();
  if (!port) return SocksUdpErrc::Truncated;
  Destination to{std::move(*host), *port};
  if (!is_destination(to)) return SocksUdpErrc::BadHost;
  return SocksDatagram{Private(std::move(to)), in.rest()};
}

std::optional<Bytes> encode_socks_datagram(const SocksDatagram& datagram) {
  const auto& from = datagram.to.reveal_to_socket();
  if (!is_destination(from)) return std::nullopt;
  Bytes out;
  ByteWriter writer(out);
  writer.u16(0).u8(0);
  std::visit(Overloaded{[&](const std::string& host) {
                          writer.u8(kAddressName).u8(static_cast<std::uint8_t>(host.size())).bytes(as_bytes(host));
                        },
                        [&](const IpAddress& address) {
                          writer.u8(address.is_v4() ? kAddressV4 : kAddressV6).bytes(address.view());
                        }},
             from.host);
  writer.u16(from.port).bytes(datagram.payload);
  return out;
}

}  // namespace footbridge::wire
