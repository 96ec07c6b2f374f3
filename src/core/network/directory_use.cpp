#include "core/network/directory_use.hpp"

#include "core/network/directory_keeper.hpp"

namespace footbridge::core {

ListedRelays relays_of(const wire::Directory& directory) {
  ListedRelays out;
  for (const auto& egress : directory.egresses) {
    const auto& url = egress.relay_url.reveal_to_socket();
    out.urls.push_back(url);
    out.udp_ports[url] = directory.tactics.udp_legs_off ? std::uint16_t{0} : egress.relay_udp_port;
    out.pins[url] = egress.pin;
    if (egress.tls_pin) out.tls_pins[url] = *egress.tls_pin;
  }
  return out;
}

const wire::BrokerKey* broker_key_at(std::span<const wire::BrokerKey> keys, UnixSeconds now) {
  const auto settled = [&](const wire::BrokerKey& key) {
    return count(key.valid.from) + kClockToleranceSeconds <= count(now);
  };
  const wire::BrokerKey* best = nullptr;
  for (const auto& key : keys) {
    if (!key.valid.holds(now)) continue;
    const bool newer = best != nullptr && key.valid.from > best->valid.from;
    if (best == nullptr || (newer ? settled(key) : !settled(*best))) best = &key;
  }
  return best;
}

}  // namespace footbridge::core
