#include "crypto/ticket.hpp"

#include <string_view>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "crypto/nonce_box.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kCountryBytes = 2;
constexpr std::size_t kReservedBytes = 68;
constexpr std::string_view kLabel = "footbridge ticket";  // associated data
constexpr std::string_view kMarkLabel = "footbridge proxy mark";

static_assert(kNonceBoxOverheadBytes + 1 + MatchId::kBytes + wire::ProxyMark::kBytes + kCountryBytes + 1 +
                  wire::BootEpoch::kBytes + 8 + kReservedBytes ==
              kTicketBytes);

PrefixClass prefix_class(std::uint8_t raw) {
  return raw <= static_cast<std::uint8_t>(PrefixClass::V6) ? static_cast<PrefixClass>(raw) : PrefixClass::Unknown;
}

}  // namespace

wire::ProxyMark proxy_mark(const ProxyId& proxy) {
  // The label is the key: what stands for a proxy here is the same for every egress, and for nothing else.
  return {blake2b<wire::ProxyMark::kBytes>(proxy.view(), as_bytes(kMarkLabel))};
}

Bytes seal_ticket(const Ticket& ticket, const SecretKey& key, Rng& rng) {
  Bytes plain;
  plain.reserve(kTicketBytes);
  ByteWriter(plain)
      .u8(kTicketVersion)
      .bytes(ticket.match.view())
      .bytes(ticket.proxy.view())
      .bytes(as_bytes(ticket.country.to_text()))
      .u8(static_cast<std::uint8_t>(ticket.prefix))
      .bytes(ticket.boot.view())
      .u64(count(ticket.expiry));
  append(plain, rng.bytes(kReservedBytes));
  return seal_nonce_box(key, plain, as_bytes(kLabel), rng);
}

Result<Ticket, TicketErrc> open_ticket(ByteView sealed, std::span<const SecretKey> keys, UnixSeconds unix_now) {
  if (sealed.size() != kTicketBytes) return TicketErrc::Forged;
  const auto plain = open_nonce_box(keys, sealed, as_bytes(kLabel));
  if (!plain) return TicketErrc::Forged;
  ByteReader reader(*plain);
  if (reader.u8() != kTicketVersion) return TicketErrc::Version;
  Ticket ticket;
  ticket.match = *MatchId::from(*reader.bytes(MatchId::kBytes));
  ticket.proxy = *wire::ProxyMark::from(*reader.bytes(wire::ProxyMark::kBytes));
  ticket.country = Country::parse(as_text(*reader.bytes(kCountryBytes))).value_or(Country{});
  ticket.prefix = prefix_class(*reader.u8());
  ticket.boot = *wire::BootEpoch::from(*reader.bytes(wire::BootEpoch::kBytes));
  ticket.expiry = UnixSeconds{*reader.u64()};
  switch (timeliness(ticket.expiry, unix_now, kTicketLifetimeSeconds, kTicketSkewSeconds)) {
    case Timeliness::InTime: break;
    case Timeliness::Expired: return TicketErrc::Expired;
    case Timeliness::TooFarAhead: return TicketErrc::TooFarAhead;
  }
  return ticket;
}

}  // namespace footbridge::crypto
