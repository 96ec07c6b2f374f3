#include "wire/stun_attributes.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire::stun {
namespace {

constexpr std::uint32_t kFingerprintMask = 0x5354554e;  // "STUN"
constexpr std::uint8_t kFamilyV4 = 1;
constexpr std::uint8_t kFamilyV6 = 2;
constexpr std::size_t kPadBytes = 16;  // cookie and transaction: as long as the longest address

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// ISO HDLC, the one of Ethernet and zlib.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    out[i] = i;
    for (int bit = 0; bit < 8; ++bit) out[i] = out[i] >> 1 ^ ((out[i] & 1) != 0 ? 0xedb88320U : 0);
  }
  return out;
}();

using Pad = std::array<std::byte, kPadBytes>;

Pad pad_of(const StunTransaction& transaction) {
  Pad out{};
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(kCookie >> (24 - 8 * i));
  std::ranges::copy(transaction, out.begin() + 4);
  return out;
}

// `pad` of zeros hides nothing.
std::optional<Endpoint> read(ByteView value, const Pad& pad) {
  ByteReader in(value);
  const auto reserved = in.u8();
  const auto family = in.u8();
  const auto port = in.u16();
  if (!reserved || !family || !port) return std::nullopt;
  std::array<std::uint8_t, kPadBytes> bytes{};
  const auto raw = in.rest();
  if (raw.size() != (*family == kFamilyV4 ? 4U : kPadBytes)) return std::nullopt;
  for (std::size_t i = 0; i < raw.size(); ++i) bytes[i] = std::to_integer<std::uint8_t>(raw[i] ^ pad[i]);
  Endpoint out;
  out.port =
      static_cast<std::uint16_t>(*port ^ std::to_integer<unsigned>(pad[0]) << 8 ^ std::to_integer<unsigned>(pad[1]));
  if (*family == kFamilyV4)
    out.address =
        IpAddress::v4(static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
                      static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3]);
  else if (*family == kFamilyV6)
    out.address = IpAddress::v6(bytes);
  else
    return std::nullopt;
  return out;
}

Bytes write(const Endpoint& endpoint, const Pad& pad) {
  Bytes out;
  const auto port_pad = std::to_integer<unsigned>(pad[0]) << 8 | std::to_integer<unsigned>(pad[1]);
  ByteWriter(out)
      .u8(0)
      .u8(endpoint.address.is_v4() ? kFamilyV4 : kFamilyV6)
      .u16(static_cast<std::uint16_t>(endpoint.port ^ port_pad));
  const auto address = endpoint.address.view();
  for (std::size_t i = 0; i < address.size(); ++i) out.push_back(address[i] ^ pad[i]);
  return out;
}

}  // namespace

void put_length(Bytes& message, std::size_t bytes_after_header) {
  message[kLengthAt] = static_cast<std::byte>(bytes_after_header >> 8);
  message[kLengthAt + 1] = static_cast<std::byte>(bytes_after_header);
}

Bytes begin(StunKind kind, const StunTransaction& transaction) {
  Bytes out;
  ByteWriter(out).u16(static_cast<std::uint16_t>(kind)).u16(0).u32(kCookie).bytes(transaction);
  return out;
}

void add(Bytes& message, std::uint16_t type, ByteView value) {
  ByteWriter(message).u16(type).u16(static_cast<std::uint16_t>(value.size())).bytes(value);
  message.resize(padded(message.size()));
  FB_ASSERT(message.size() <= kMaxStunBytes);
  put_length(message, message.size() - kHeaderBytes);
}

std::optional<Attribute> next_attribute(ByteReader& in, std::size_t total) {
  Attribute out;
  out.at = total - in.remaining();
  const auto type = in.u16();
  const auto length = in.u16();
  if (!length) return std::nullopt;
  const auto value = in.bytes(padded(*length));
  if (!value) return std::nullopt;
  out.type = *type;
  out.value = value->first(*length);
  return out;
}

std::uint32_t fingerprint_of(ByteView bytes) {
  std::uint32_t crc = 0xffff'ffff;
  for (const auto b : bytes) crc = kCrcTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ crc >> 8;
  return ~crc ^ kFingerprintMask;
}

bool is_right_fingerprint(ByteView message, const Attribute& attribute) {
  const bool is_last = attribute.at + kAttributeHeaderBytes + kFingerprintBytes == message.size();
  return is_last && attribute.value.size() == kFingerprintBytes &&
         *ByteReader(attribute.value).u32() == fingerprint_of(message.first(attribute.at));
}

std::optional<Endpoint> read_address(ByteView value) { return read(value, {}); }
std::optional<Endpoint> read_hidden_address(ByteView value, const StunTransaction& transaction) {
  return read(value, pad_of(transaction));
}
Bytes hidden_address(const Endpoint& endpoint, const StunTransaction& transaction) {
  return write(endpoint, pad_of(transaction));
}
Bytes plain_address(const Endpoint& endpoint) { return write(endpoint, {}); }

}  // namespace footbridge::wire::stun
