// The X25519 keys of one broker: a new one each day, each for two, so that a stolen one opens a day of messages at most
// (the second day is for who still has the directory of the first). They are made a day ahead, so that every directory
// names keys until its own end and a day beyond if they are renewed daily, and erased when they are over. A daily run
// may come early: the next key begins kBrokerKeySlackSeconds early then, under the secret that was announced.
//
//        made      from ├──── kBrokerKeyLeadSeconds ────┤ next one's from ├── overlap ──┤ until
//
// A file of the operator's, mode 0600: tables [[key]] with secret, from and until. Pure but for the Rng.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/private.hpp"
#include "base/rng.hpp"
#include "crypto/x25519.hpp"
#include "wire/network.hpp"

namespace footbridge {

// NET-T5, NET-T6, NET-T8, spec 11 §7; seconds.
inline constexpr std::uint64_t kBrokerKeyLeadSeconds = 86'400;
inline constexpr std::uint64_t kBrokerKeySeconds = 2 * 86'400;
inline constexpr std::uint64_t kBrokerKeySlackSeconds = 2 * 3'600;

struct BrokerSecret {
  crypto::X25519Secret secret;
  wire::Validity valid;
};

// Without what is over at `now`, and with as many more as there must be: one for now, one for tomorrow.
std::vector<BrokerSecret> renewed(std::vector<BrokerSecret> keys, UnixSeconds now, Rng& rng);
// What the directory says: the newest that holds at `now`, and the one after it. `keys` are renewed at `now`.
std::vector<wire::BrokerKey> announced(const std::vector<BrokerSecret>& keys, UnixSeconds now);

// ops::UsageError with the place if it is not such a file.
std::vector<BrokerSecret> parse_broker_keys(std::string_view text, const std::string& place);
Private<std::string> broker_keys_text(const std::vector<BrokerSecret>& keys);

}  // namespace footbridge
