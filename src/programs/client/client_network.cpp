#include "programs/client/client_network.hpp"

#include <algorithm>
#include <utility>

#include "core/network/network_self.hpp"
#include "io/clock.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::client {

ClientNetwork::ClientNetwork(asio::any_io_executor executor, io::Dialer& dialer, Config config, Rng& rng,
                             std::unique_ptr<NetworkNews> news)
    : news_(std::move(news)),
      source_(config.source),
      own_target_(config.keeper.plan.target),
      troubles_(news_.get()),
      changes_(executor),
      keeper_(executor, keeper_config(std::move(config.keeper)), rng, troubles_, [this] { changes_.notify(); }),
      broker_(executor, dialer, std::move(config.brokers), std::move(config.rendezvous), rng, keeper_),
      tunnel_(keeper_, changes_, troubles_) {
  if (source_ != nullptr)
    fetch_.emplace(executor, *source_, broker_.line(), rng, [this](TimePoint now) { take_view(now); });
}

PathKeeper::Config ClientNetwork::keeper_config(PathKeeper::Config config) {
  if (source_ == nullptr) return config;
  config.listed = true;
  config.on_unknown_egress = [this](TimePoint now) { fetch_->wish(now); };
  return config;
}

void ClientNetwork::take_view(TimePoint now) {
  auto view = source_->view();
  std::vector<quic::SpkiPin> pins;
  for (const auto& pin : view.pins) pins.emplace_back(pin.sha256);
  const std::size_t most = view.tactics.most_paths;
  keeper_.trust(std::move(pins), most > 0 ? std::min(own_target_, most) : own_target_);
  broker_.line().use(std::move(view.brokers.ways), std::move(view.brokers.seals));
  if (make_link_ && source_->serves()) keeper_.start(now, broker_, std::exchange(make_link_, {}));
}

void ClientNetwork::start(TimePoint now, MakeLink make_link) {
  if (source_ == nullptr) return keeper_.start(now, broker_, std::move(make_link));
  make_link_ = std::move(make_link);
  fetch_->start();  // sets the line's clock
  take_view(now);
}

asio::awaitable<void> ClientNetwork::leave() {
  refuse();
  if (fetch_) co_await fetch_->close();  // it starts the keeper
  keeper_.stop(io::now());
  const auto said_by = io::now() + kGoodbyeLimit;
  while (keeper_.state() != PathKeeper::State::Resting && io::now() < said_by)
    static_cast<void>(co_await io::with_deadline(said_by, changes_.wait(changes_.seen())));
  co_await broker_.close();
  troubles_.tell(io::now(), Milestone::Left, 0);
}

void live_in(NetworkSource& source, ClientNetwork::Config& config) {
  auto brokers = source.view().brokers;
  config.source = &source;
  config.brokers.ways = std::move(brokers.ways);
  config.brokers.seals = std::move(brokers.seals);
  config.brokers.in_order = source.in_order();
  config.rendezvous.self_tag = core::self_tag_in(source.invite().root, config.rendezvous.self_tag);
  config.rendezvous.invite = source.invite().id;
  config.rendezvous.compartment = source.invite().compartment.value_or(wire::kCommonCompartment);
}

}  // namespace footbridge::client
