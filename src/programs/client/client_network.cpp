#include "programs/client/client_network.hpp"

#include <utility>

#include "io/clock.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::client {

ClientNetwork::ClientNetwork(asio::any_io_executor executor, io::Dialer& dialer, Config config, Rng& rng,
                             std::unique_ptr<NetworkNews> news)
    : news_(std::move(news)),
      troubles_(news_.get()),
      changes_(executor),
      keeper_(executor, std::move(config.keeper), rng, troubles_, [this] { changes_.notify(); }),
      broker_(executor, dialer, std::move(config.brokers), std::move(config.rendezvous), rng, keeper_),
      tunnel_(keeper_, changes_, troubles_) {}

void ClientNetwork::start(TimePoint now, MakeLink make_link) { keeper_.start(now, broker_, std::move(make_link)); }

asio::awaitable<void> ClientNetwork::leave() {
  refuse();
  keeper_.stop(io::now());
  const auto said_by = io::now() + kGoodbyeLimit;
  while (keeper_.state() != PathKeeper::State::Resting && io::now() < said_by)
    static_cast<void>(co_await io::with_deadline(said_by, changes_.wait(changes_.seen())));
  co_await broker_.close();
  troubles_.tell(io::now(), Milestone::Left, 0);
}

}  // namespace footbridge::client
