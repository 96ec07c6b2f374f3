#include "programs/egress/told_brokers.hpp"

#include <algorithm>
#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/broker_ways.hpp"

namespace footbridge::egress {
namespace {

constexpr std::string_view kOption = "--network";

NetworkWays ways_of(const wire::BrokerEntry& broker, const NetworkFiles& files) {
  return network_ways({&broker, 1}, files.obfuscation);
}

}  // namespace

ToldBrokers::ToldBrokers(asio::any_io_executor executor, const EgressOptions& options)
    : folder_(options.network), timer_(std::move(executor), [this](TimePoint now) { look_again(now); }) {
  for (const auto& broker : options.brokers.broker) {
    auto one = options.brokers;
    one.broker = {broker};
    brokers_.push_back({"", {broker_ways(one), {}}});
  }
  if (!folder_) return;
  seen_ = network_files_state(*folder_);
  const auto files = read_network_files(kOption, *folder_);
  for (const auto& broker : files.directory.brokers) {
    brokers_.push_back({broker.name, ways_of(broker, files)});
    if (brokers_.back().ways.ways.empty())
      throw ops::UsageError(std::string(kOption) + ": broker " + broker.name +
                            " of the directory has no address that this version understands");
  }
  timer_.arm(io::now() + kLookAtDirectory);
}

void ToldBrokers::look_again(TimePoint now) {
  timer_.arm(now + kLookAtDirectory);
  auto state = network_files_state(*folder_);
  if (state == seen_) return;
  seen_ = std::move(state);
  try {
    take(read_network_files(kOption, *folder_));
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "network-files-refused", observe::kv("why", error.what()));
  }
}

void ToldBrokers::take(const NetworkFiles& files) {
  for (const auto& broker : files.directory.brokers) {
    const auto mine = std::ranges::find(brokers_, broker.name, &Told::name);
    if (mine == brokers_.end()) {
      observe::log(observe::Level::Warn, "restart-needed", observe::kv("option", "network"));
      continue;
    }
    auto ways = ways_of(broker, files);
    if (ways.ways.empty()) continue;  // the old ones are better than none
    mine->ways = std::move(ways);
    if (on_change_) on_change_(static_cast<std::size_t>(mine - brokers_.begin()));
  }
  observe::log(observe::Level::Notice, "directory-in-use", observe::kv("version", files.directory.version));
}

}  // namespace footbridge::egress
