#include "programs/page_network.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/encoding.hpp"
#include "wire/url.hpp"

namespace footbridge {
namespace {

bool is_tls(const std::string& url) {
  const auto parsed = wire::parse_url(url);
  return parsed && parsed->is_tls();
}

std::string_view scheme_text(wire::UrlScheme scheme) {
  switch (scheme) {
    case wire::UrlScheme::Http: return "http://";
    case wire::UrlScheme::Https: return "https://";
    case wire::UrlScheme::Ws: return "ws://";
    case wire::UrlScheme::Wss: return "wss://";
  }
  return "";
}

std::vector<std::string> revealed(const std::vector<Private<std::string>>& texts, std::string_view before = "") {
  std::vector<std::string> out;
  for (const auto& text : texts) out.push_back(std::string(before) + text.reveal_to_socket());
  return out;
}

}  // namespace

PageNetwork page_network(const wire::Directory& directory, crypto::SecretKey secret) {
  PageNetwork out{.secret = std::move(secret), .stun = directory.stun_servers};
  for (const auto& broker : directory.brokers)
    for (const auto& address : broker.addresses)
      if (address.front.reveal_to_socket().empty() && !address.tls_pin && is_tls(address.url.reveal_to_socket()))
        out.brokers.push_back({address.url, broker.keys});
  for (const auto& egress : directory.egresses)
    if (!egress.tls_pin && is_tls(egress.relay_url.reveal_to_socket())) out.relays.push_back(egress.relay_url);
  return out;
}

std::string page_config_json(const PageNetwork& network) {
  nlohmann::ordered_json out;
  out["brokers"] = nlohmann::json::array();
  for (const auto& broker : network.brokers) {
    nlohmann::ordered_json entry{{"url", broker.url.reveal_to_socket()}};
    if (network.secret) {
      entry["secret"] = encode_hex(network.secret->reveal_to_primitive());
      for (const auto& key : broker.keys)
        entry["keys"].push_back({{"x25519", encode_hex(key.x25519.view())},
                                 {"from", count(key.valid.from)},
                                 {"until", count(key.valid.until)}});
    }
    out["brokers"].push_back(std::move(entry));
  }
  out["relays"] = revealed(network.relays);
  out["stun"] = revealed(network.stun, "stun:");
  if (network.allow_private) out["allowPrivate"] = true;
  if (network.reporter) out["netstate"] = nlohmann::ordered_json::parse(network.reporter->config.reveal_to_socket());
  return out.dump();
}

std::string page_sources(const PageNetwork& network) {
  std::set<std::string> servers;
  const auto add = [&](const Private<std::string>& url) {
    const auto parsed = wire::parse_url(url.reveal_to_socket());
    if (parsed) servers.insert(std::string(scheme_text(parsed->scheme)) + parsed->authority());
  };
  for (const auto& broker : network.brokers) add(broker.url);
  for (const auto& relay : network.relays) add(relay);
  if (network.reporter) add(network.reporter->url);
  std::string out;
  for (const auto& server : servers) out += " " + server;
  return out;
}

}  // namespace footbridge
