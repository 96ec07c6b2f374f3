// What a directory that is believed means for who uses it. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

// For RelayAllowList: what a volunteer may dial, whatever a broker says.
struct ListedRelays {
  std::vector<std::string> urls;
  std::map<std::string, std::uint16_t> udp_ports;    // of each; 0: no legs over UDP, or tactics forbid them
  std::map<std::string, wire::SpkiSha256> tls_pins;  // of those that have one
  std::map<std::string, wire::SpkiSha256> pins;      // of the egress at each: what people trust there
};
ListedRelays relays_of(const wire::Directory& directory);

// The key to seal to: the newest that began kClockToleranceSeconds ago or earlier, so that nobody whose clock is ahead
// uses one that its broker does not have yet; else one that holds. nullptr: none does, a newer directory is needed.
const wire::BrokerKey* broker_key_at(std::span<const wire::BrokerKey> keys, UnixSeconds now);
inline const wire::BrokerKey* broker_key_at(const wire::BrokerEntry& broker, UnixSeconds now) {
  return broker_key_at(broker.keys, now);
}

}  // namespace footbridge::core
