// What the two ends of a UDP relay leg say to each other besides messages: how a leg begins, and how it ends.
// Formats, sizes and reasons: docs/spec/08-udp-leg.md.
//
//   proxy ── knock: token, padding ──────────────▶ egress     known token, unused: an answer; anything else: silence
//         ◀─ reply: 32 bytes, cookie and port ────
//         ── enter: cookie, token, padding ──────▶ (port)     the leg begins: its name is the proxy's address and port
//         ◀─ welcome ─────────────────────────────
//         ◀══ messages, one datagram each ═══════▶
//         ◀─ leave ──────────────────────────────▶
//
// The egress keeps nothing before it has seen its cookie come back, and has said 32 bytes to 200 until then. Signals
// (welcome, leave) carry a tag under a secret of this leg, so that they cannot be made by who has not seen its
// beginning, nor be taken for a message. Pure: no clock, no I/O; all of it may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/leg_token.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::core {

inline constexpr std::size_t kUdpReplyBytes = 32;      // UDL-B1: cookie, port and tag
inline constexpr std::size_t kUdpCookieBytes = 22;     // UDL-B2: 176 bits
inline constexpr std::size_t kUdpSignalBytes = 48;     // UDL-B3: nonce and tag
inline constexpr std::size_t kMinUdpKnockBytes = 200;  // UDL-B4: knocks and enters have no length in common, and are
inline constexpr std::size_t kMaxUdpKnockBytes = 900;  // UDL-B5: far longer than what they are answered with
// UDL-B6: fits into Ethernet's 1500 bytes with IPv6 and one tunnel around it; holds the smallest rung of the packet
// ladder and every packet of a link without SCTP.
inline constexpr std::size_t kMaxUdpMessageBytes = 1400;
// UDL-T1: a cookie is good for this long at least and twice as long at most: a dial takes 3 s.
inline constexpr Seconds kUdpCookieLife{15};

using UdpCookie = std::array<std::byte, kUdpCookieBytes>;
using UdpReply = std::array<std::byte, kUdpReplyBytes>;

// The egress's side of the beginning. One for all workers: what it answers depends on its key, on time and on what it
// is told, and it keeps nothing.
class UdpCookieJar {
 public:
  explicit UdpCookieJar(Rng& rng) : key_(crypto::SecretKey::random(rng)) {}
  UdpReply reply(TimePoint now, const IpAddress& peer, ByteView token, std::uint16_t port) const;
  // Is this cookie ours, of this address and token, and recent?
  bool is_ours(TimePoint now, const IpAddress& peer, ByteView token, ByteView cookie) const;

 private:
  UdpCookie cookie(std::uint64_t period, const IpAddress& peer, ByteView token) const;
  crypto::SecretKey key_;
};

// The token in a knock, and both in an enter: views into the datagram, nullopt when it is too short for a padded one.
struct UdpEnter {
  ByteView cookie;
  ByteView token;
  ByteView whole;  // both: what the same enter, sent again, begins with
};
std::optional<ByteView> parse_udp_knock(ByteView datagram);
std::optional<UdpEnter> parse_udp_enter(ByteView datagram);
// The proxy's side.
Bytes encode_udp_knock(ByteView token, Rng& rng);
Bytes encode_udp_enter(const UdpCookie& cookie, ByteView token, Rng& rng);
struct UdpInvitation {
  UdpCookie cookie{};
  std::uint16_t port = 0;  // of the worker whose leg it will be
};
// nullopt: not the answer to a knock with this token.
std::optional<UdpInvitation> parse_udp_reply(ByteView reply, ByteView token);

enum class UdpSignal : std::uint8_t { Welcome = 1, Leave = 2 };
enum class UdpEnd : std::uint8_t { Proxy = 1, Egress = 2 };

// Signals of one leg, as one of its ends says and hears them.
class UdpLegSignals {
 public:
  UdpLegSignals(UdpEnd self, const UdpCookie& cookie, ByteView token);
  Bytes encode(UdpSignal signal, Rng& rng) const;
  // nullopt: a message.
  std::optional<UdpSignal> parse(ByteView datagram) const;

 private:
  std::array<std::byte, 32> tag(UdpEnd from, UdpSignal signal, ByteView nonce) const;
  UdpEnd self_;
  crypto::SecretKey secret_;
};

}  // namespace footbridge::core
