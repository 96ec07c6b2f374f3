// The whole network in one process: broker, egress, volunteers, clients and a website that echoes, with real sockets,
// real links and one WebRTC engine, as the programs wire them. So sanitizers see everything at once.
#pragma once

#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/loop.hpp"
#include "core/egress/egress_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/connector.hpp"
#include "io/test_scope.hpp"
#include "io/with_deadline.hpp"
#include "observe/metrics.hpp"
#include "programs/broker/broker_door.hpp"
#include "programs/client/broker_client.hpp"
#include "programs/client/changes.hpp"
#include "programs/client/path_keeper.hpp"
#include "programs/client/session_tunnel.hpp"
#include "programs/egress/flow_exit.hpp"
#include "programs/egress/leg_door.hpp"
#include "programs/egress/session_table.hpp"
#include "programs/egress/stream_exit.hpp"
#include "programs/proxy/volunteer.hpp"
#include "transport/http/server.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::test {

inline io::ListenOptions any_loopback_port() {
  io::ListenOptions out;
  out.address = Endpoint{IpAddress::v4(0x7f000001), 0};
  return out;
}

// Sends back what it gets, until it gets the end.
class EchoSite {
 public:
  explicit EchoSite(asio::any_io_executor executor) : listener_(executor, any_loopback_port()) {}
  Endpoint local() const { return listener_.local(); }
  asio::awaitable<void> run() {
    co_await listener_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); });
  }
  std::size_t connections() const { return listener_.connections(); }

 private:
  asio::awaitable<void> serve(io::Accepted accepted) {
    std::vector<std::byte> buffer(64 * 1024);
    for (;;) {
      const auto [error, count] = co_await accepted.socket.async_read_some(asio::buffer(buffer), io::no_throw);
      if (error) break;
      const auto [failed, sent] =
          co_await asio::async_write(accepted.socket, asio::buffer(buffer.data(), count), io::no_throw);
      if (failed) co_return;
    }
    io::error_code ignored;
    accepted.socket.shutdown(io::tcp::socket::shutdown_send, ignored);
  }
  io::Listener listener_;
};

struct ChainClient {
  ChainClient(asio::any_io_executor executor, io::Connector& connector, BrokerWays broker, const quic::SpkiPin& pin,
              SelfTag self_tag, Rng& rng)
      : executor_(executor),
        changes(executor),
        keeper(executor, {{pin}}, rng, troubles, [this] { changes.notify(); }),
        broker_client(executor, connector, std::move(broker), config(self_tag), rng, keeper),
        tunnel(keeper, changes, troubles) {}

  static core::ClientRendezvousConfig config(SelfTag self_tag) {
    core::ClientRendezvousConfig out;
    out.self_tag = self_tag;
    return out;
  }
  void start(webrtc::Engine& engine) {
    keeper.start(io::now(), broker_client, [this, &engine](webrtc::LinkEvents& events) {
      return engine.offer(executor_, webrtc::LinkConfig{}, events);
    });
  }
  asio::awaitable<void> stop() {
    tunnel.stop();
    keeper.stop(io::now());
    const auto until = io::now() + Millis{500};
    while (keeper.state() != client::PathKeeper::State::Resting && io::now() < until)
      static_cast<void>(co_await io::with_deadline(until, changes.wait(changes.seen())));
    co_await broker_client.close();
  }

  asio::any_io_executor executor_;
  client::TroubleTeller troubles;
  client::Changes changes;
  client::PathKeeper keeper;
  client::BrokerClient broker_client;
  client::SessionTunnel tunnel;
};

class Chain {
 public:
  Chain() {
    scope.spawn(site.run());
    scope.spawn(egress_server.run());
    scope.spawn(broker_server.run());
  }
  ~Chain() {
    loop.run(stop_all());
    engine.stop();
  }

  asio::any_io_executor executor() { return loop.executor(); }
  std::string relay() const { return "ws://" + egress_server.local().to_text() + "/leg"; }
  BrokerWays brokers() const { return {{wire::parse_url("http://" + broker_server.local().to_text() + "/").value()}}; }

  std::unique_ptr<proxy::Volunteer> make_volunteer(SelfTag self_tag) {
    core::ProxyRendezvousConfig config;
    config.proxy = ProxyId::random(rng);
    config.self_tag = self_tag;
    return std::make_unique<proxy::Volunteer>(
        executor(), proxy::Volunteer::Parts{engine, connector, connector, trust, rng, volunteer_metrics},
        core::ProxyEngineConfig{{relay()}, true}, std::move(config), brokers());
  }
  std::unique_ptr<ChainClient> make_client(SelfTag self_tag) {
    return std::make_unique<ChainClient>(executor(), connector, brokers(), identity.pin(), self_tag, rng);
  }
  wire::Destination destination() const { return {site.local().address, site.local().port}; }

  // Sends `data` to the echo site through `from` and answers what came back.
  asio::awaitable<Bytes> echo(ChainClient& from, Bytes data, Duration limit = Seconds{20}) {
    Bytes got;
    auto opened = co_await from.tunnel.open(destination(), io::now() + limit);
    if (!opened) co_return got;
    auto& stream = **opened;
    io::TestScope sending(executor());
    sending.spawn(send(stream, data));
    while (co_await stream.readable() == io::SessionStream::Arrival::Bytes) {
      append(got, stream.peek());
      stream.consume(stream.peek().size());
    }
    sending.cancel();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await sending.join();
    co_return got;
  }

  Loop loop;
  crypto::SystemRng rng;
  webrtc::Engine engine{engine_config()};
  observe::Registry registry;
  egress::EgressMetrics egress_metrics{registry};
  proxy::VolunteerMetrics volunteer_metrics{registry};
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  io::SystemResolver resolver{loop.executor()};
  io::TlsClient trust;
  io::Connector connector{loop.executor(), resolver, anywhere};
  EchoSite site{loop.executor()};

  quic::Identity identity{quic::Identity::generate().value()};
  crypto::SecretKey leg_key = crypto::SecretKey::random(rng);
  core::EgressPolicy policy{core::PortPolicy::web(), core::AddressPolicy({{}, {}, {}, {site.local()}})};
  egress::StreamServices stream_services{{loop.executor(), resolver, policy}, nullptr, rng, egress_metrics};
  egress::ServerBudget budget{100};
  egress::FlowServices flow_services{io::UdpConnector(loop.executor(), resolver, policy), budget, false};
  egress::SessionTable sessions{loop.executor(), stream_services, flow_services, budget};
  egress::LegGuard guard{{leg_key}};
  egress::LegDoor leg_door{loop.executor(), guard, identity, sessions, rng, egress_metrics};
  http::Server egress_server{loop.executor(), any_loopback_port(), leg_door};

  broker::BrokerDoor broker_door{loop.executor(), broker_config(), rng};
  http::Server broker_server{loop.executor(), any_loopback_port(), broker_door};
  io::TestScope scope{loop.executor()};

 private:
  static webrtc::EngineConfig engine_config() {
    webrtc::EngineConfig out;
    out.allow_private_candidates = true;
    out.local_addresses = {IpAddress::v4(0x7f000001)};
    return out;
  }
  core::BrokerConfig broker_config() const {
    core::BrokerConfig out;
    out.egresses.push_back(
        {wire::EgressId::from(identity.pin().view().first(16)).value(), Private<std::string>(relay()), leg_key});
    return out;
  }
  static asio::awaitable<void> send(io::SessionStream& stream, const Bytes& data) {
    co_await stream.write(data);
    stream.finish();
  }
  asio::awaitable<void> stop_all() {
    co_await sessions.close(Duration{0});
    co_await leg_door.close(Seconds{1});
    broker_door.drain();
    scope.cancel();
    co_await scope.join();
  }
};

}  // namespace footbridge::test
