#include "programs/way_options.hpp"

#include "ops/errors.hpp"
#include "wire/url.hpp"

namespace footbridge {

void add_way_options(ops::OptionTable& table, std::string_view section, WayOptions& ways, std::string_view what_for) {
  table.add(section, "broker", ways.broker,
            std::string(what_for) + "; https:// unless it is on this machine; several take each other's place");
  table
      .add(section, "front", ways.front,
           "connect to this web server instead and ask it for the broker inside TLS (domain fronting), so that who "
           "watches sees a visit to it; brokers are never connected to directly then")
      .like("front.example")
      .meta = "HOST[:PORT]";
  table
      .add(section, "broker_ca", ways.broker_ca,
           "trust the certificate authorities in this PEM file, instead of the system's, for brokers and fronts, and "
           "for a "
           "volunteer's relay legs")
      .like("ca.pem");
}

void add_network_option(ops::OptionTable& table, std::string_view section, WayOptions& ways) {
  table
      .add(section, "network", ways.network,
           "without --broker the network that was joined is used; of several, the one with this name, or whose root's "
           "key begins with these digits")
      .like("\"Friends of Sara\"");
}

void check_ways(const WayOptions& ways) {
  if (!ways.broker.empty() && ways.network)
    throw ops::UsageError("--network: --broker names another network; leave one of them out");
  if (ways.broker.size() > kMaxBrokers)
    throw ops::UsageError("--broker: more than " + std::to_string(kMaxBrokers) + " are not tried; name fewer");
  if (ways.front.size() > kMaxFronts)
    throw ops::UsageError("--front: more than " + std::to_string(kMaxFronts) + " are not tried; name fewer");
  for (const auto& broker : ways.broker) require_usable_broker("--broker", broker.reveal_to_socket());
  for (const auto& front : ways.front)
    if (!wire::parse_url("https://" + front.reveal_to_socket() + "/") ||
        front.reveal_to_socket().find_first_of("/?") != std::string::npos)
      throw ops::UsageError("--front: write the web server's name alone, as in front.example or front.example:443");
  if (ways.front.empty()) return;
  for (const auto& broker : ways.broker)
    if (!broker.reveal_to_socket().text.starts_with("https:"))
      throw ops::UsageError("--front: a front is asked inside TLS; write https:// for every --broker");
}

void require_usable_broker(std::string_view option, const ops::HttpUrl& url) {
  const auto parsed = wire::parse_url(url.text);
  if (!parsed) throw ops::UsageError(std::string(option) + ": write it as https://broker.example/");
  if (!parsed->is_tls() && !ops::names_loopback(url.host))
    throw ops::UsageError(
        std::string(option) +
        ": http:// is accepted for a broker on this machine only (127.0.0.1, ::1, localhost): without a network "
        "messages to a broker are not sealed, and whoever carries them could read who wants help; write https://");
}

}  // namespace footbridge
