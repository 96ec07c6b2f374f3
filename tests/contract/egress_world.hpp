// An egress with several workers, and clients that dial it: tests only.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

#include "contract/egress_client.hpp"
#include "contract/loop.hpp"
#include "crypto/system_rng.hpp"
#include "observe/metrics.hpp"
#include "programs/egress/worker_pool.hpp"

namespace footbridge::test {

struct EgressWorld {
  static constexpr std::size_t kWorkers = 4;

  explicit EgressWorld(std::size_t max_sessions = 100, io::ConnectionLimits limits = {},
                       const egress::Bridge* bridge = nullptr)
      : budget(max_sessions) {
    io::ListenOptions listen;
    listen.address = Endpoint{IpAddress::v4(0x7f000001), 0};
    listen.limits = limits;
    pool.emplace(loop.executor(), egress::WorkerPool::Options{kWorkers, listen, std::uint16_t{0}},
                 egress::Worker::Parts{identity, policy, nullptr, bridge, budget, guard, cookies, metrics},
                 [](const std::exception_ptr&) { ADD_FAILURE() << "a listener failed"; });
    address.relay = "ws://" + pool->local().to_text() + "/leg";
    pool->start();
  }
  ~EgressWorld() {
    if (!drained) loop.run(drain(Millis{0}));
  }
  asio::awaitable<void> drain(Duration grace) {
    drained = true;
    co_await pool->drain(grace);
  }
  EgressClient& client(std::uint16_t shard) {
    return *clients.emplace_back(std::make_unique<EgressClient>(loop.executor(), connector, address, shard, rng));
  }
  bool add_path(EgressClient& client) {
    bool granted = false;
    loop.run(
        [](EgressClient& at, bool& out) -> asio::awaitable<void> { out = co_await at.add_path(); }(client, granted));
    return granted;
  }

  Loop loop;
  crypto::SystemRng rng;
  observe::Registry registry;
  egress::EgressMetrics metrics{registry};
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  io::SystemResolver resolver{loop.executor()};
  io::Connector connector{loop.executor(), resolver, anywhere};
  quic::Identity identity{quic::Identity::generate().value()};
  core::EgressPolicy policy{core::PortPolicy::web(), core::AddressPolicy({})};
  crypto::SecretKey leg_key = crypto::SecretKey::random(rng);
  EgressAddress address{{}, identity.pin(), leg_key, 0};
  egress::ServerBudget budget;
  egress::LegGuard guard{{leg_key}};
  core::UdpCookieJar cookies{rng};
  std::optional<egress::WorkerPool> pool;
  std::vector<std::unique_ptr<EgressClient>> clients;
  bool drained = false;
};

}  // namespace footbridge::test
