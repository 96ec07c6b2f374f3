#include "wire/port_control.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kPmpVersion = 0;
constexpr std::uint8_t kPcpVersion = 2;
constexpr std::uint8_t kPcpMapOpcode = 1;
constexpr std::uint8_t kPmpAddressOpcode = 0;
constexpr std::uint8_t kPmpMapUdpOpcode = 1;
constexpr std::uint8_t kResponse = 0x80;  // the bit that makes an opcode a response's
constexpr std::uint8_t kUdp = 17;
constexpr std::uint16_t kUnsupportedVersion = 1;  // in both protocols
constexpr std::size_t kPcpMapBytes = 60;
constexpr std::size_t kPcpHeaderBytes = 24;

// PCP writes all addresses as IPv6, those of IPv4 as ::ffff:a.b.c.d (RFC 6887 §5).
constexpr std::size_t kMappedPrefixBytes = 12;
std::array<std::uint8_t, 16> as_v6(const IpAddress& address) {
  if (!address.is_v4()) return address.v6_bytes();
  std::array<std::uint8_t, 16> out{};
  out[10] = out[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i)
    out[kMappedPrefixBytes + i] = static_cast<std::uint8_t>(address.v4_host_order() >> (24 - 8 * i));
  return out;
}

IpAddress from_v6(ByteView bytes) {
  std::array<std::uint8_t, 16> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = std::to_integer<std::uint8_t>(bytes[i]);
  const auto prefix = as_v6(IpAddress::v4(0));
  if (!std::equal(raw.begin(), raw.begin() + kMappedPrefixBytes, prefix.begin())) return IpAddress::v6(raw);
  return IpAddress::v4(std::uint32_t{raw[12]} << 24 | std::uint32_t{raw[13]} << 16 | std::uint32_t{raw[14]} << 8 |
                       raw[15]);
}

void put_address(ByteWriter& out, const IpAddress& address) {
  for (const auto byte : as_v6(address)) out.u8(byte);
}

// version, opcode, reserved, result, lifetime, epoch, 12 reserved; then nonce, protocol, 3 reserved, ports, address
std::optional<PortControlResponse> parse_pcp(ByteView datagram) {
  ByteReader in(datagram);
  if (datagram.size() < kPcpHeaderBytes || datagram.size() % 4 != 0) return std::nullopt;
  const auto speaks = in.u8().value();
  const auto opcode = in.u8().value();
  (void)in.u8();
  PcpMapped out;
  out.result = in.u8().value();
  if (out.result == kUnsupportedVersion) return VersionRefused{speaks};
  if (speaks != kPcpVersion || opcode != (kResponse | kPcpMapOpcode) || datagram.size() < kPcpMapBytes)
    return std::nullopt;
  out.lifetime_s = in.u32().value();
  (void)in.bytes(4 + 12);
  const auto nonce = in.bytes(out.nonce.size()).value();
  std::copy(nonce.begin(), nonce.end(), out.nonce.begin());
  if (in.u8().value() != kUdp) return std::nullopt;
  (void)in.bytes(3);
  out.internal_port = in.u16().value();
  const auto external_port = in.u16().value();
  out.external = Private(Endpoint{from_v6(in.bytes(16).value()), external_port});
  return out;
}

// version, opcode, result, epoch; then the address, or internal port, external port, lifetime
std::optional<PortControlResponse> parse_pmp(ByteView datagram) {
  constexpr std::size_t kRefusalBytes = 8;
  ByteReader in(datagram);
  if (datagram.size() < kRefusalBytes) return std::nullopt;
  (void)in.u8();
  const auto opcode = in.u8().value();
  const auto result = in.u16().value();
  if ((opcode & kResponse) == 0) return std::nullopt;
  if (result == kUnsupportedVersion) return VersionRefused{kPmpVersion};
  (void)in.u32();
  if (opcode == (kResponse | kPmpAddressOpcode)) {
    const auto address = in.u32();
    if (!address && result == 0) return std::nullopt;
    return PmpAddress{result, Private(IpAddress::v4(address.value_or(0)))};
  }
  if (opcode != (kResponse | kPmpMapUdpOpcode)) return std::nullopt;
  const auto internal = in.u16();
  const auto external = in.u16();
  const auto lifetime = in.u32();
  if (!lifetime) return std::nullopt;
  return PmpMapped{result, *internal, *external, *lifetime};
}

}  // namespace

Bytes encode_pcp_map(const PcpMap& map) {
  Bytes out;
  ByteWriter writer(out);
  const auto& client = map.client.reveal_to_socket();
  writer.u8(kPcpVersion).u8(kPcpMapOpcode).u16(0).u32(map.lifetime_s);
  put_address(writer, client);
  writer.bytes(map.nonce).u8(kUdp).u8(0).u16(0).u16(map.internal_port);
  // No wish is the zero address of the family that is wanted (RFC 6887 §11.1).
  const Endpoint any{client.is_v4() ? IpAddress::v4(0) : IpAddress::v6({}), 0};
  const auto& wish = map.external ? map.external->reveal_to_socket() : any;
  writer.u16(wish.port);
  put_address(writer, wish.address);
  return out;
}

Bytes encode_pmp_address() {
  Bytes out;
  ByteWriter(out).u8(kPmpVersion).u8(kPmpAddressOpcode);
  return out;
}

Bytes encode_pmp_map(const PmpMap& map) {
  Bytes out;
  ByteWriter(out)
      .u8(kPmpVersion)
      .u8(kPmpMapUdpOpcode)
      .u16(0)
      .u16(map.internal_port)
      .u16(map.external_port)
      .u32(map.lifetime_s);
  return out;
}

std::optional<PortControlResponse> parse_port_control(ByteView datagram) {
  if (datagram.empty() || datagram.size() > kMaxPortControlBytes) return std::nullopt;
  if (std::to_integer<std::uint8_t>(datagram[0]) == kPmpVersion) return parse_pmp(datagram);
  return parse_pcp(datagram);
}

}  // namespace footbridge::wire
