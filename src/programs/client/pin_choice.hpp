// Which key must the egress of a match show? A match names its egress by an id: the first 16 bytes of its key's hash.
// The broker is not trusted to choose: an id that fits no trusted pin leads nowhere, unless only one pin is trusted,
// which then holds for every egress. Pure.
#pragma once

#include <optional>
#include <span>

#include "quic/identity.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::client {

std::optional<quic::SpkiPin> choose_pin(std::span<const quic::SpkiPin> trusted, const wire::EgressId& egress,
                                        bool listed = false);

}  // namespace footbridge::client
