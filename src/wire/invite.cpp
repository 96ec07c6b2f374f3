#include "wire/invite.hpp"

#include <algorithm>

#include "wire/network_fields.hpp"
#include "wire/utf8.hpp"

namespace footbridge::wire {
namespace {

bool read_network_name(const ProtoField& field, std::string& out) {
  const auto bytes = field.bytes_between(1, kMaxNetworkNameBytes);
  if (!bytes || !is_network_name(as_text(*bytes))) return false;
  out = to_string(*bytes);
  return true;
}

bool read_secret(const ProtoField& field, ObfuscationSecret& out) {
  const auto bytes = field.bytes_between(kObfuscationSecretBytes, kObfuscationSecretBytes);
  if (!bytes) return false;
  std::array<std::byte, kObfuscationSecretBytes> raw;
  std::copy(bytes->begin(), bytes->end(), raw.begin());
  out = ObfuscationSecret(raw);
  return true;
}

constexpr std::uint32_t kSignatureField = 12;
// Of the signature's field, which is last: its key and its length.
constexpr std::array<std::byte, 2> kSignatureHead = {std::byte{kSignatureField << 3 | 2},
                                                     std::byte{NetworkSignature::kBytes}};

// What stands before the signature, and the signature; false: there is none at the end.
bool split(ByteView in, ByteView& content, NetworkSignature& signature) {
  constexpr auto kField = kSignatureHead.size() + NetworkSignature::kBytes;
  if (in.size() <= kField) return false;
  const auto field = in.last(kField);
  if (!std::equal(kSignatureHead.begin(), kSignatureHead.end(), field.begin())) return false;
  content = in.first(in.size() - kField);
  signature = NetworkSignature::from(field.last(NetworkSignature::kBytes)).value();
  return true;
}

// Code points that are not seen, or change how what stands beside them is seen (Unicode: Cc, Cf, Zl, Zp and the like).
struct Range {
  std::uint32_t first, last;
};
constexpr Range kUnseen[] = {{0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x034f, 0x034f},
                             {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
                             {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
                             {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xffff},
                             {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff}};

// The code point at the front of UTF-8, taken off.
std::uint32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t value = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(length);
  return value;
}

}  // namespace

std::optional<Invite> parse_invite(ByteView in) {
  Invite out;
  ByteView content;
  if (in.size() > kMaxInviteBytes || !split(in, content, out.signature)) return std::nullopt;
  bool has_root = false;
  bool has_secret = false;
  bool has_id = false;
  bool has_certificate = false;
  out.uses = 0;
  const bool ok = each_field(ProtoReader(content), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_network_name(f, out.network);
      case 2: return has_root = read_id(f, out.root);
      case 3: return out.brokers.size() < kMaxInviteBrokers && read_address(r, f, out.brokers);
      case 4: return has_secret = read_secret(f, out.obfuscation);
      case 5: return has_id = read_id(f, out.id);
      case 6: return read_optional_id(f, out.compartment);
      case 7: return read_time(f, out.until);
      case 8: return read_integer(f, kMaxInviteUses, out.uses);
      case 9: return has_certificate = read_certificate(f, 2 * kMaxCertificateBytes, out.certificate);
      case 10: return read_time(f, out.made);
      case 11: return read_optional_id(f, out.announcing);
      case kSignatureField: return false;  // a second one
      default: return true;
    }
  });
  const bool whole =
      has_root && has_secret && has_id && has_certificate && !out.network.empty() && !out.brokers.empty();
  if (!ok || !whole || out.uses == 0 || out.until == UnixSeconds{}) return std::nullopt;
  if (out.announcing && !out.compartment) return std::nullopt;
  out.content = Private<Bytes>(to_bytes(content));
  return out;
}

Bytes encode_invite_content(const Invite& invite) {
  FB_ASSERT(is_network_name(invite.network) && invite.brokers.size() <= kMaxInviteBrokers);
  FB_ASSERT(invite.uses > 0 && invite.uses <= kMaxInviteUses && invite.until > UnixSeconds{});
  Bytes out;
  ProtoWriter writer(out);
  writer.text(1, invite.network).bytes(2, invite.root.view());
  write_addresses(writer, 3, invite.brokers);
  writer.bytes(4, invite.obfuscation.reveal_to_socket()).bytes(5, invite.id.view());
  if (invite.compartment) writer.bytes(6, invite.compartment->view());
  write_time(writer, 7, invite.until);
  writer.integer(8, invite.uses).bytes(9, encode_signed_certificate(invite.certificate));
  write_time(writer, 10, invite.made);
  FB_ASSERT(!invite.announcing || invite.compartment);
  if (invite.announcing) writer.bytes(11, invite.announcing->view());
  return out;
}

Bytes encode_invite(const Invite& invite) {
  auto out = invite.content.reveal_to_socket();
  FB_ASSERT(!out.empty());
  append(out, kSignatureHead);
  append(out, invite.signature.view());
  return out;
}

bool is_network_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNetworkNameBytes || !is_utf8(as_bytes(text))) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    for (const auto& range : kUnseen)
      if (point >= range.first && point <= range.last) return false;
  }
  return true;
}

}  // namespace footbridge::wire
