// NatProber: one run of core::NatDiscovery on UDP sockets of this machine. Each round's socket is opened when something
// is first sent on it, so that its port is fresh, and bound where LocalAddresses say. A network that the cache knows
// ends it after the first round.
//
// Bounds: kSockets sockets, open until the end only; what NatDiscovery says of datagrams and time. The callback comes
// from the loop, once, not after destruction, and may not destroy this. Errors: what the system does not send is lost,
// as the network might. Ownership: cache and rng outlive it. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/nat/nat_cache.hpp"
#include "core/nat/nat_discovery.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "io/local_addresses.hpp"

namespace footbridge::io {

class NatProber {
 public:
  using OnDone = std::function<void(TimePoint now, const core::NatReport& report)>;
  // A server answers, or is silent while others are asked. As on_done, but as often as there is news.
  using OnServer = std::function<void(const Endpoint& server, bool answers)>;

  // Begins at once, in a later turn of the loop.
  NatProber(asio::any_io_executor executor, core::NatDiscoveryTerms terms, LocalAddresses local, core::NatCache& cache,
            Rng& rng, OnDone on_done, OnServer on_server = {});
  ~NatProber();
  NatProber(const NatProber&) = delete;
  NatProber& operator=(const NatProber&) = delete;

 private:
  struct Sockets;
  void begin();
  void settle(TimePoint now);
  void send(const core::NatDiscovery::Send& what);
  void open(core::NatSocket which, Family family);
  void read(core::NatSocket which);
  void ask_cache(TimePoint now);
  void finish(TimePoint now);
  static void wait(const std::shared_ptr<Sockets>& sockets, core::NatSocket which);

  asio::any_io_executor executor_;
  std::vector<IpAddress> own_;
  LocalAddresses local_;
  core::NatCache& cache_;
  core::NatDiscovery discovery_;
  OnDone on_done_;  // empty once called
  OnServer on_server_;
  std::optional<core::NatNetworkKey> key_;
  DeadlineTimer timer_;
  std::shared_ptr<Sockets> sockets_;  // two owners: this object and the waits that are pending in the loop
};

}  // namespace footbridge::io
