// The ids under which an egress is known to its broker: the first bytes of its pin, by which clients choose the pinned
// key too, or of its relay URL's hash where a broker was told no pin (docs/spec/12-tickets.md §6.2). Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge {

// Without the slashes at its end: a token is one more segment.
std::string relay_root(std::string url);
wire::EgressId egress_name_by_pin(ByteView pin);  // SHA-256 of its public key
wire::EgressId egress_name_by_relay(std::string_view url);

}  // namespace footbridge
