#include "programs/network_ways.hpp"

#include <optional>
#include <utility>

#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/way_order.hpp"
#include "wire/url.hpp"

namespace footbridge {
namespace {

std::optional<http::Route> route_to(const wire::BrokerAddress& address) {
  auto url = wire::parse_url(address.url.reveal_to_socket());
  if (!url || (url->scheme != wire::UrlScheme::Http && url->scheme != wire::UrlScheme::Https)) return std::nullopt;
  http::Route out(std::move(*url));
  const auto& front = address.front.reveal_to_socket();
  // The pin is of whoever shows a certificate: the front, where there is one.
  if (front.empty()) {
    out.pin = address.tls_pin;
    return out;
  }
  const auto through = wire::parse_url("https://" + front + "/");
  if (!through || !out.url.is_tls()) return std::nullopt;
  out.front = http::Place{through->host, through->port, true, address.tls_pin};
  return out;
}

}  // namespace

NetworkWays network_ways(std::span<const wire::BrokerEntry> brokers, const crypto::SecretKey& obfuscation) {
  NetworkWays out;
  for (const auto& broker : brokers)
    for (const auto& address : broker.addresses) {
      auto route = route_to(address);
      if (!route || out.ways.size() == core::kMaxWays) continue;
      out.ways.push_back(std::move(*route));
      out.seals.push_back({obfuscation, broker.keys});
    }
  return out;
}

NetworkWays network_ways(std::span<const wire::BrokerEntry> brokers, const crypto::SecretKey& obfuscation,
                         const wire::CompartmentId& group) {
  if (group == wire::kCommonCompartment) return network_ways(brokers, obfuscation);
  std::vector<std::string> names;
  names.reserve(brokers.size());
  for (const auto& broker : brokers) names.push_back(broker.name);
  std::vector<wire::BrokerEntry> ordered;
  ordered.reserve(brokers.size());
  for (const auto i : core::broker_order(group, names)) ordered.push_back(brokers[i]);
  return network_ways(ordered, obfuscation);
}

}  // namespace footbridge
