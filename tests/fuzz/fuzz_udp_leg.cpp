// The first datagrams of a UDP leg, genuine ones with changes: only the cookie that an address got opens the door to
// it, for its token; only who has the token reads a reply; only the two ends of a leg make its signals.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/udp_leg/udp_leg_handshake.hpp"
#include "deeds.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  constexpr TimePoint kNow{Seconds{1'000}};
  static SeededRng rng(1);
  static const core::UdpCookieJar jar(rng);
  static const Bytes token = rng.bytes(crypto::kLegTokenBytes);
  static const auto peer = IpAddress::v4(0xc0000201);
  static const auto reply = jar.reply(kNow, peer, token, 8'902);
  static const auto cookie = core::parse_udp_reply(reply, token).value().cookie;
  static const core::UdpLegSignals proxy(core::UdpEnd::Proxy, cookie, token),
      egress(core::UdpEnd::Egress, cookie, token);
  static const Bytes enter = core::encode_udp_enter(cookie, token, rng), knock = core::encode_udp_knock(token, rng);
  static const Bytes leave = proxy.encode(core::UdpSignal::Leave, rng);

  fuzz::Deeds deeds(as_bytes(data, size));
  const Bytes* const kinds[] = {&enter, &knock, &leave};
  const auto kind = deeds.below(5);
  Bytes datagram = kind < 3 ? *kinds[kind] : kind == 3 ? to_bytes(ByteView(reply)) : to_bytes(deeds.rest());
  if (kind < 4 && deeds.one_in(4)) datagram.resize(deeds.byte() * 4);
  while (!deeds.empty() && !datagram.empty())
    datagram[(deeds.byte() << 8 | deeds.byte()) % datagram.size()] ^= static_cast<std::byte>(deeds.byte());

  if (const auto shown = core::parse_udp_knock(datagram)) FB_ASSERT(shown->size() == crypto::kLegTokenBytes);
  if (const auto shown = core::parse_udp_enter(datagram)) {
    const bool ours = jar.is_ours(kNow, peer, shown->token, shown->cookie);
    FB_ASSERT(!ours || std::ranges::equal(shown->whole, ByteView(enter).first(shown->whole.size())));
  }
  if (core::parse_udp_reply(datagram, token)) FB_ASSERT(std::ranges::equal(datagram, reply));
  if (egress.parse(datagram)) FB_ASSERT(datagram == leave);
  FB_ASSERT(!proxy.parse(datagram) && "nobody here speaks for the egress");
  return 0;
}
