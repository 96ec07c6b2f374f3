#include "crypto/resumption.hpp"

#include <algorithm>
#include <string_view>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kReservedBytes = 14;
constexpr std::uint8_t kNobody = 0, kProxy = 1;
constexpr std::string_view kTicketLabel = "footbridge resumption ticket";
constexpr std::string_view kUseLabel = "footbridge resumed", kNextLabel = "footbridge next";

static_assert(kAeadNonceBytes + 1 + 1 + ProxyId::kBytes + 2 * SecretKey::kBytes + 8 + kReservedBytes + kAeadTagBytes ==
              kResumptionTicketBytes);

SecretKey derived(const SecretKey& key, std::string_view label, ByteView binding) {
  Bytes message;
  message.reserve(label.size() + binding.size());
  append(message, as_bytes(label));
  append(message, binding);
  return SecretKey::made_by([&](ByteSpan out) { blake2b(out, message, key.reveal_to_primitive()); });
}

std::optional<ResumptionTicket> ticket_of(ByteView plain) {
  ByteReader reader(plain);
  const auto version = reader.u8(), role = reader.u8();
  if (version != kResumptionTicketVersion || (role != kNobody && role != kProxy)) return std::nullopt;
  const auto proxy = reader.bytes(ProxyId::kBytes);
  const auto to_broker = reader.bytes(SecretKey::kBytes), to_asker = reader.bytes(SecretKey::kBytes);
  const auto begun = reader.u64();
  if (!proxy || !to_broker || !to_asker || !begun) return std::nullopt;
  return ResumptionTicket{role == kProxy ? ProxyId::from(*proxy) : std::nullopt,
                          {*SecretKey::from(*to_broker), *SecretKey::from(*to_asker)},
                          UnixSeconds{*begun}};
}

}  // namespace

Bytes seal_resumption_ticket(const ResumptionTicket& ticket, const SecretKey& key, Rng& rng) {
  Bytes plain;
  plain.reserve(kResumptionTicketBytes);  // nothing that grows leaves keys behind
  ByteWriter(plain)
      .u8(kResumptionTicketVersion)
      .u8(ticket.proxy ? kProxy : kNobody)
      .bytes(ticket.proxy.value_or(ProxyId{}).view())
      .bytes(ticket.keys.to_broker.reveal_to_primitive())
      .bytes(ticket.keys.to_asker.reveal_to_primitive())
      .u64(count(ticket.begun));
  append(plain, rng.bytes(kReservedBytes));
  const auto nonce = rng.array<kAeadNonceBytes>();
  auto out = to_bytes(ByteView(nonce));
  append(out, aead_seal(key, nonce, plain, as_bytes(kTicketLabel)));
  wipe(plain);
  return out;
}

std::optional<ResumptionTicket> open_resumption_ticket(ByteView sealed, const SecretKey& key) {
  if (sealed.size() != kResumptionTicketBytes) return std::nullopt;
  AeadNonce nonce{};
  std::copy_n(sealed.begin(), kAeadNonceBytes, nonce.begin());
  auto plain = aead_open(key, nonce, sealed.subspan(kAeadNonceBytes), as_bytes(kTicketLabel));
  if (!plain) return std::nullopt;
  auto ticket = ticket_of(*plain);
  wipe(*plain);
  return ticket;
}

ExchangeKeys exchange_keys(const ResumptionKeys& keys, ByteView binding) {
  return {derived(keys.to_broker, kUseLabel, binding),
          derived(keys.to_asker, kUseLabel, binding),
          {derived(keys.to_broker, kNextLabel, binding), derived(keys.to_asker, kNextLabel, binding)}};
}

Bytes seal_once(const SecretKey& key, ByteView plaintext) { return aead_seal(key, CountedNonce{}, plaintext, {}); }

std::optional<Bytes> open_once(const SecretKey& key, ByteView sealed) {
  return aead_open(key, CountedNonce{}, sealed, {});
}

}  // namespace footbridge::crypto
