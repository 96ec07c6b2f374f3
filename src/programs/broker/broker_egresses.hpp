// The egresses that a broker sends people to: those of its options, or those of its network's directory, for which the
// options give the keys alone. Throws ops::UsageError, also when pages of one machine would name an egress elsewhere;
// at least one comes out. Any thread.
#pragma once

#include <vector>

#include "core/rendezvous/egress_book.hpp"
#include "programs/broker/broker_options.hpp"
#include "wire/network.hpp"

namespace footbridge::broker {

// `directory`: null without --network. One of it that has no key in --egress-file, by its pin or its name, and no
// --leg-key-file to share, is left out with a word in the log: its key has not come here yet.
std::vector<core::EgressEntry> egress_entries(const BrokerOptions& options, const wire::Directory* directory);

}  // namespace footbridge::broker
