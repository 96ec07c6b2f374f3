#include "programs/broker/broker_pages.hpp"

#include <algorithm>

#include "ops/errors.hpp"

namespace footbridge::broker {

void BrokerPages::show(const Endpoint& own, bool tls, const std::vector<core::EgressEntry>& egresses) {
  const auto base = (tls ? "https://" : "http://") + own.to_text() + "/";
  PageNetwork network{.brokers = {{Private<std::string>(base), {}}}, .allow_private = true};
  for (const auto& egress : egresses) network.relays.push_back(egress.relay_url);
  show(std::move(network), base);
}

void BrokerPages::show(const NetworkSeal& seal) {
  auto network = page_network(seal.directory(), crypto::SecretKey(seal.obfuscation()));
  if (network.brokers.empty() || network.relays.empty())
    throw ops::UsageError(
        "--web: a page can only reach servers that are vouched for as web sites are, at https:// and wss://, and the "
        "directory names no such broker, or no such egress");
  const auto& brokers = seal.directory().brokers;
  const auto own = std::ranges::find(brokers, seal.broker(), &wire::BrokerEntry::name);
  auto base = network.brokers.front().url.reveal_to_socket();
  for (const auto& address : own->addresses)
    for (const auto& broker : network.brokers)
      if (broker.url.reveal_to_socket() == address.url.reveal_to_socket()) base = address.url.reveal_to_socket();
  show(std::move(network), base.ends_with('/') ? base : base + "/");
}

void BrokerPages::show(PageNetwork network, std::string_view base) {
  network.reporter = reporter_;
  face_.show(pages_.site(network, base));
}

std::optional<PageReporter> BrokerPages::read_reporter() const {
  if (!reporter_file_) return std::nullopt;
  return read_page_reporter("--web-reporter", *reporter_file_, on_one_machine_);
}

}  // namespace footbridge::broker
