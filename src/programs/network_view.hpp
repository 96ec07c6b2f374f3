// NetworkView: what a client or a volunteer knows of its joined network at one moment. A value; any thread.
#pragma once

#include <vector>

#include "base/private.hpp"
#include "core/network/directory_use.hpp"
#include "ops/values.hpp"
#include "programs/network_ways.hpp"
#include "wire/invite.hpp"
#include "wire/network.hpp"

namespace footbridge {

struct NetworkView {
  NetworkWays brokers;  // in the order of the group that the invite is for, if it is for one (BrokerWays::in_order)
  std::vector<ops::Pin> pins;  // of egresses that a client trusts; none: nobody can be reached yet
  core::ListedRelays relays;   // that a volunteer dials
  std::vector<Private<ops::HostPort>> stun;
  wire::Tactics tactics;
};

// `directory`: null where nothing serves; then the invite's addresses can be asked for one, and nothing else is known.
// The addresses of the invite follow those of the directory: they are the last ones to ask.
NetworkView network_view(const wire::Invite& invite, const wire::Directory* directory);

// U33: where neither a person nor a directory names STUN servers. Of several operators, so that no one of them sees
// everybody, and none is missed.
std::vector<Private<ops::HostPort>> built_in_stun();

}  // namespace footbridge
