#include "programs/client/prober.hpp"

#include <utility>

namespace footbridge::client {
namespace {

core::ClientRendezvousConfig rendezvous_of(const ClientNetwork::Config& network, core::NatProbe probe) {
  auto out = network.rendezvous;
  out.nat = core::nat_of(probe);
  return out;
}

}  // namespace

std::vector<quic::SpkiPin> pins_of(const NetworkView& view) {
  std::vector<quic::SpkiPin> out;
  for (const auto& pin : view.pins) out.emplace_back(pin.sha256);
  return out;
}

Prober::Prober(asio::any_io_executor executor, core::NatProbe probe, ClientGround& ground, NetworkSource& source,
               const ClientNetwork::Config& network, Tester::Config tester, TroubleTeller& troubles)
    : source_(source),
      make_link_(ground.probe_maker(probe)),
      tester_(executor, std::move(tester), ground.rng(), troubles),
      broker_(executor, ground.dialer(), network.brokers, rendezvous_of(network, probe), ground.rng(), tester_) {}

void Prober::take_view(TimePoint now) {
  auto view = source_.view();
  tester_.trust(pins_of(view));
  broker_.line().use_clock(source_.of_brokers());
  broker_.line().use(std::move(view.brokers.ways), std::move(view.brokers.seals));
  if (make_link_ && source_.serves()) tester_.start(now, broker_, std::exchange(make_link_, {}));
}

}  // namespace footbridge::client
