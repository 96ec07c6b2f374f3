#include "core/udp_leg/udp_leg_handshake.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

using crypto::kLegTokenBytes;

constexpr std::size_t kPortBytes = 2;
constexpr std::size_t kReplyTagBytes = kUdpReplyBytes - kUdpCookieBytes - kPortBytes;
constexpr std::size_t kNonceBytes = 16;
constexpr std::string_view kReplyLabel = "footbridge udp leg reply";
constexpr std::string_view kSecretLabel = "footbridge udp leg secret";
static_assert(kUdpReplyBytes < kMinUdpKnockBytes && kUdpSignalBytes < kMinUdpKnockBytes, "never an amplifier");
static_assert(kUdpCookieBytes + kLegTokenBytes < kMinUdpKnockBytes);

// Known to who knows the token: makes a reply look like nothing, and shows that it is one.
std::array<std::byte, kUdpReplyBytes> reply_pad(ByteView plain, ByteView token) {
  Bytes text;
  ByteWriter(text).bytes(as_bytes(kReplyLabel)).bytes(token).bytes(plain);
  return crypto::blake2b<kUdpReplyBytes>(text);
}

Bytes padded(Bytes out, Rng& rng) {
  const auto length = static_cast<std::size_t>(rng.between(kMinUdpKnockBytes, kMaxUdpKnockBytes));
  append(out, rng.bytes(length - out.size()));
  return out;
}

crypto::SecretKey leg_secret(const UdpCookie& cookie, ByteView token) {
  Bytes text;
  ByteWriter(text).bytes(as_bytes(kSecretLabel)).bytes(cookie).bytes(token);
  return crypto::SecretKey::from(crypto::blake2b<crypto::SecretKey::kBytes>(text)).value();
}

UdpEnd other(UdpEnd end) { return end == UdpEnd::Proxy ? UdpEnd::Egress : UdpEnd::Proxy; }

std::uint64_t period_of(TimePoint now) { return static_cast<std::uint64_t>(now.time_since_epoch() / kUdpCookieLife); }

}  // namespace

UdpCookie UdpCookieJar::cookie(std::uint64_t period, const IpAddress& peer, ByteView token) const {
  Bytes text;
  ByteWriter(text).u64(period).bytes(peer.view()).bytes(token);
  return crypto::blake2b<kUdpCookieBytes>(text, key_.reveal_to_primitive());
}

UdpReply UdpCookieJar::reply(TimePoint now, const IpAddress& peer, ByteView token, std::uint16_t port) const {
  Bytes plain;
  ByteWriter(plain).bytes(cookie(period_of(now), peer, token)).u16(port);
  const auto mask = reply_pad({}, token);
  const auto tag = reply_pad(plain, token);
  UdpReply out{};
  for (std::size_t i = 0; i < plain.size(); ++i) out[i] = plain[i] ^ mask[i];
  std::copy_n(tag.begin(), kReplyTagBytes, out.begin() + static_cast<std::ptrdiff_t>(plain.size()));
  return out;
}

bool UdpCookieJar::is_ours(TimePoint now, const IpAddress& peer, ByteView token, ByteView shown) const {
  const auto period = period_of(now);
  const bool fresh = equal_in_constant_time(cookie(period, peer, token), shown);
  const bool older = equal_in_constant_time(cookie(period - 1, peer, token), shown);
  return fresh || older;
}

std::optional<ByteView> parse_udp_knock(ByteView datagram) {
  if (datagram.size() < kMinUdpKnockBytes || datagram.size() > kMaxUdpKnockBytes) return std::nullopt;
  return datagram.first(kLegTokenBytes);
}

std::optional<UdpEnter> parse_udp_enter(ByteView datagram) {
  if (datagram.size() < kMinUdpKnockBytes || datagram.size() > kMaxUdpKnockBytes) return std::nullopt;
  return UdpEnter{datagram.first(kUdpCookieBytes), datagram.subspan(kUdpCookieBytes, kLegTokenBytes),
                  datagram.first(kUdpCookieBytes + kLegTokenBytes)};
}

Bytes encode_udp_knock(ByteView token, Rng& rng) {
  FB_ASSERT(token.size() == kLegTokenBytes);
  return padded(to_bytes(token), rng);
}

Bytes encode_udp_enter(const UdpCookie& cookie, ByteView token, Rng& rng) {
  FB_ASSERT(token.size() == kLegTokenBytes);
  auto out = to_bytes(ByteView(cookie));
  append(out, token);
  return padded(std::move(out), rng);
}

std::optional<UdpInvitation> parse_udp_reply(ByteView reply, ByteView token) {
  if (reply.size() != kUdpReplyBytes) return std::nullopt;
  const auto mask = reply_pad({}, token);
  Bytes plain = to_bytes(reply.first(kUdpCookieBytes + kPortBytes));
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] ^= mask[i];
  const auto tag = reply_pad(plain, token);
  if (!equal_in_constant_time(ByteView(tag).first(kReplyTagBytes), reply.last(kReplyTagBytes))) return std::nullopt;
  UdpInvitation out;
  std::copy_n(plain.begin(), kUdpCookieBytes, out.cookie.begin());
  ByteReader rest(ByteView(plain).subspan(kUdpCookieBytes));
  out.port = *rest.u16();
  return out;
}

UdpLegSignals::UdpLegSignals(UdpEnd self, const UdpCookie& cookie, ByteView token)
    : self_(self), secret_(leg_secret(cookie, token)) {}

std::array<std::byte, 32> UdpLegSignals::tag(UdpEnd from, UdpSignal signal, ByteView nonce) const {
  Bytes text;
  ByteWriter(text).u8(static_cast<std::uint8_t>(from)).u8(static_cast<std::uint8_t>(signal)).bytes(nonce);
  return crypto::blake2b<32>(text, secret_.reveal_to_primitive());
}

Bytes UdpLegSignals::encode(UdpSignal signal, Rng& rng) const {
  auto out = rng.bytes(kNonceBytes);
  const auto mark = tag(self_, signal, out);
  append(out, mark);
  return out;
}

std::optional<UdpSignal> UdpLegSignals::parse(ByteView datagram) const {
  if (datagram.size() != kUdpSignalBytes) return std::nullopt;
  for (const auto signal : {UdpSignal::Welcome, UdpSignal::Leave})
    if (equal_in_constant_time(tag(other(self_), signal, datagram.first(kNonceBytes)), datagram.subspan(kNonceBytes)))
      return signal;
  return std::nullopt;
}

}  // namespace footbridge::core
