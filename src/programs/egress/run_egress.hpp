// The egress as a program: ends sessions and connects their streams to the internet, as far as its policy allows.
#pragma once

#include <functional>

#include "base/address.hpp"
#include "programs/egress/bridge.hpp"
#include "programs/egress/egress_options.hpp"
#include "programs/run_loop.hpp"
#include "quic/identity.hpp"

namespace footbridge::egress {

// What somebody who waits for this egress is told. Empty ones are not called.
struct EgressNews {
  // It listens, and its descriptor is written. On the caller's thread, once.
  std::function<void(const Endpoint& at, const quic::SpkiPin& pin)> listening = nullptr;
  // A stream did not reach the bridge. On any worker's thread.
  std::function<void(BridgeErrc)> bridge_failed = nullptr;
};

// Returns when `loop` is asked to stop and everything has ended; throws as the other.
void run_egress(RunLoop& loop, const EgressOptions& options, const Reload<EgressOptions>& reload,
                const EgressNews& news);

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_egress(const EgressOptions& options, const Reload<EgressOptions>& reload);

}  // namespace footbridge::egress
