#include "programs/egress/reports.hpp"

#include <algorithm>
#include <utility>

#include "crypto/shared_keys.hpp"
#include "io/clock.hpp"
#include "io/with_deadline.hpp"
#include "programs/egress_names.hpp"

namespace footbridge::egress {
namespace {

// For a last report that is still on its way when everything else is over.
constexpr Millis kGoodbyeLimit{1'500};

}  // namespace

Reports::Reports(asio::any_io_executor executor, ToldBrokers& brokers, const WayOptions& ways, const EgressFace& face,
                 Rng& rng, ReceiptDesk& receipts, EgressMetrics& metrics,
                 std::function<core::Heartbeats::Condition()> condition)
    : executor_(executor),
      resolver_(executor),
      connector_(executor, resolver_, anywhere_),
      trust_(broker_trust(ways)),
      changed_(executor),
      brokers_(brokers) {
  const core::Heartbeats::Config config{{egress_name_by_pin(face.pin.view()), egress_name_by_relay(face.relay_url)},
                                        crypto::heartbeat_key(face.leg_key),
                                        face.boot};
  for (std::size_t i = 0; i < brokers.size(); ++i)
    reporters_.push_back(std::make_unique<Reporter>(
        executor, connector_, BrokerWays{brokers.ways(i).ways, &trust_, nullptr, brokers.ways(i).seals}, config, rng,
        Reporter::Parts{receipts, i, metrics, condition, [this] { changed_.notify(); }}));
  brokers_.on_change([this](std::size_t broker) { reporters_[broker]->use(brokers_.ways(broker)); });
}

void Reports::start() {
  for (auto& reporter : reporters_) reporter->start();
}

void Reports::begin_goodbye(TimePoint now) {
  for (auto& reporter : reporters_) reporter->begin_goodbye(now);
}

asio::awaitable<void> Reports::close() {
  const auto until = io::now() + kGoodbyeLimit;
  const auto over = [this] { return std::ranges::all_of(reporters_, [](const auto& r) { return r->goodbye_over(); }); };
  while (!over() && io::now() < until) static_cast<void>(co_await io::with_deadline(until, changed_.wait()));
  brokers_.on_change({});
  for (auto& reporter : reporters_) co_await reporter->close();
}

}  // namespace footbridge::egress
