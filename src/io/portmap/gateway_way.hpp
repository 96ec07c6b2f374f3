// GatewayWay: asks the router on UDP port 5351, in PCP (RFC 6887) and, where it does not know that or says nothing, in
// NAT-PMP (RFC 6886). What it learns of the router it keeps until forget(); the nonces of its mappings it keeps longer,
// for the same router may come back and change a mapping only for who knows its nonce. A socket for each question,
// connected: nobody else is heard, and a router where nobody listens is known at once.
//
// Bounds: kPcpWaits and kPmpWaits, each of at most three datagrams; kMaxNonces; 4 s for a router that never answers.
// What does not answer our question (nonce, port) is dropped. Errors as MapFailure says. Threads: the executor's one
// thread.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "io/portmap/home_router.hpp"
#include "io/portmap/way.hpp"
#include "wire/port_control.hpp"

namespace footbridge::io {

class GatewayWay final : public PortMapWay {
 public:
  // `find`: asked for each question; `port`: of the router, another one in tests only.
  GatewayWay(asio::any_io_executor executor, Rng& rng, std::function<std::optional<HomeRouter>()> find,
             std::uint16_t port = wire::kPortControlPort)
      : executor_(std::move(executor)), rng_(rng), find_(std::move(find)), port_(port) {}

  asio::awaitable<Answer> ask(core::PortLeases::Question question) override;
  void forget() override { older_ = false; }

 private:
  // Those of ports in use are asked for again and again; of the others the oldest goes.
  static constexpr std::size_t kMaxNonces = 2 * core::PortLeases::kMaxPorts;
  using Socket = asio::ip::udp::socket;
  asio::awaitable<Answer> ask_pcp(Socket& socket, core::PortLeases::Question question);
  wire::PcpNonce nonce_of(std::uint16_t local_port);
  void forget_nonce(std::uint16_t local_port);
  asio::awaitable<Answer> ask_pmp(Socket& socket, core::PortLeases::Question question);

  asio::any_io_executor executor_;
  Rng& rng_;
  std::function<std::optional<HomeRouter>()> find_;
  std::uint16_t port_;
  bool older_ = false;                                            // this router speaks NAT-PMP only
  std::vector<std::pair<std::uint16_t, wire::PcpNonce>> nonces_;  // with local ports, the last asked for last
};

}  // namespace footbridge::io
