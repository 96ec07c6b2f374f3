#include "programs/network/network_config.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "ops/toml_file.hpp"
#include "wire/invite.hpp"

namespace footbridge::network {
namespace {

using ops::TomlSetting;
using ops::UsageError;

[[noreturn]] void refuse(const TomlSetting& setting, const std::string& why) {
  throw UsageError(setting.place + ": " + setting.key.substr(setting.key.rfind('.') + 1) + ": " + why);
}

template <class T>
T value_of(const TomlSetting& setting) {
  auto value = ops::ValueType<T>::parse(setting.is_list || setting.values.empty() ? "" : setting.values.front());
  if (!value)
    refuse(setting, "the value is " + value.error().text + "; it needs " + std::string(ops::ValueType<T>::kWhat));
  return std::move(value).value();
}

std::string entry_name(const TomlSetting& setting) {
  auto name = value_of<std::string>(setting);
  if (!wire::is_entry_name(name)) refuse(setting, "not a name of 1 to 32 characters out of a-z, 0-9 and -");
  return name;
}

Private<std::string> short_text(const TomlSetting& setting, std::string text, std::size_t most) {
  if (text.size() > most) refuse(setting, "longer than " + std::to_string(most) + " characters");
  if (!wire::is_plain_text(text)) refuse(setting, "has a blank, or a letter that is not ASCII; write names as xn--…");
  return Private<std::string>(std::move(text));
}

wire::SpkiSha256 pin_of(const TomlSetting& setting) { return {value_of<ops::Pin>(setting).sha256}; }

void take_address(wire::BrokerAddress& address, const TomlSetting& setting, std::string_view key) {
  if (key == "url") {
    address.url = short_text(setting, value_of<ops::HttpUrl>(setting).text, wire::kMaxNetworkUrlBytes);
  } else if (key == "front") {
    address.front = short_text(setting, value_of<std::string>(setting), wire::kMaxHostBytes);
  } else if (key == "tls_spki_sha256") {
    address.tls_pin = pin_of(setting);
  } else {
    refuse(setting, "a broker's address has url, front and tls_spki_sha256");
  }
}

void take_egress(wire::EgressEntry& egress, const TomlSetting& setting, std::string_view key) {
  if (key == "id") {
    egress.name = entry_name(setting);
  } else if (key == "relay") {
    egress.relay_url = short_text(setting, value_of<ops::WsUrl>(setting).text, wire::kMaxNetworkUrlBytes);
  } else if (key == "relay_udp_port") {
    const auto port = value_of<std::uint64_t>(setting);
    if (port == 0 || port > UINT16_MAX) refuse(setting, "not a port from 1 to 65535");
    egress.relay_udp_port = static_cast<std::uint16_t>(port);
  } else if (key == "spki_sha256") {
    egress.pin = pin_of(setting);
  } else if (key == "relay_tls_spki_sha256") {
    egress.tls_pin = pin_of(setting);
  } else {
    refuse(setting, "an egress has id, relay, relay_udp_port, relay_tls_spki_sha256 and spki_sha256");
  }
}

std::vector<Country> countries(const TomlSetting& setting) {
  std::vector<Country> out;
  for (const auto& text : setting.values) {
    const auto country = Country::parse(text);
    if (!country || !country->known()) refuse(setting, "not two capital letters of a country, as in [\"IR\", \"RU\"]");
    out.push_back(*country);
  }
  if (out.size() > wire::kMaxTacticCountries) refuse(setting, "more countries than there are");
  return out;
}

// One table of an array of tables: "egress.0." of "egress.0.relay", and "relay".
struct Place {
  std::size_t index = 0;
  std::string key;
};

std::optional<Place> place_in(std::string_view key, std::string_view table) {
  if (!key.starts_with(table) || key.size() <= table.size() || key[table.size()] != '.') return std::nullopt;
  key.remove_prefix(table.size() + 1);
  const auto dot = key.find('.');
  std::size_t index = 0;
  if (dot == std::string_view::npos || std::from_chars(key.data(), key.data() + dot, index).ec != std::errc{})
    return std::nullopt;
  return Place{index, std::string(key.substr(dot + 1))};
}

template <class T>
T& at(std::vector<T>& list, std::size_t index, std::size_t most, const TomlSetting& setting) {
  if (index >= most) throw UsageError(setting.place + ": more than " + std::to_string(most) + " of these tables");
  if (list.size() <= index) list.resize(index + 1);
  return list[index];
}

void take_broker(NetworkConfig& out, const TomlSetting& setting, const Place& place) {
  auto& broker = at(out.brokers, place.index, wire::kMaxDirectoryBrokers, setting);
  if (const auto address = place_in(place.key, "address"))
    return take_address(at(broker.addresses, address->index, wire::kMaxBrokerAddresses, setting), setting,
                        address->key);
  if (place.key != "name") refuse(setting, "a [[broker]] has a name and tables [[broker.address]]");
  broker.name = entry_name(setting);
}

void take(NetworkConfig& out, const TomlSetting& setting) {
  const auto& key = setting.key;
  if (const auto place = place_in(key, "broker")) return take_broker(out, setting, *place);
  if (const auto place = place_in(key, "egress"))
    return take_egress(at(out.egresses, place->index, wire::kMaxDirectoryEgresses, setting), setting, place->key);
  if (key == "name") {
    out.name = value_of<std::string>(setting);
    if (!wire::is_network_name(out.name)) refuse(setting, "not a name of 1 to 48 bytes that a screen can show");
  } else if (key == "invites") {
    const auto policy = value_of<std::string>(setting);
    if (policy != "needed" && policy != "open") refuse(setting, "needed or open");
    out.invites_needed = policy == "needed";
  } else if (key == "stun.servers") {
    if (setting.values.size() > wire::kMaxStunServers) refuse(setting, "more than 32 servers");
    for (const auto& text : setting.values) {
      if (!ops::ValueType<ops::HostPort>::parse(text)) refuse(setting, "one of them is not a host with a port");
      out.stun_servers.push_back(short_text(setting, text, wire::kMaxHostBytes));
    }
  } else if (key == "tactics.dtls_sensitive") {
    out.tactics.dtls_sensitive = countries(setting);
  } else if (key == "tactics.native_links_off") {
    out.tactics.native_links_off = countries(setting);
  } else if (key == "tactics.risky_to_help") {
    out.tactics.risky_to_help = countries(setting);
  } else if (key == "tactics.most_paths") {
    const auto paths = value_of<std::uint64_t>(setting);
    if (paths > wire::kMaxTacticPaths) refuse(setting, "more than 16");
    out.tactics.most_paths = static_cast<std::uint32_t>(paths);
  } else if (key == "tactics.udp_legs_off") {
    out.tactics.udp_legs_off = value_of<bool>(setting);
  } else {
    const std::vector<std::string> known = {"name",
                                            "invites",
                                            "stun.servers",
                                            "tactics.dtls_sensitive",
                                            "tactics.native_links_off",
                                            "tactics.risky_to_help",
                                            "tactics.most_paths",
                                            "tactics.udp_legs_off"};
    throw UsageError(setting.place + ": unknown key " + key + ops::did_you_mean(key, known));
  }
}

template <class Entry>
void require_different_names(const std::vector<Entry>& entries, const std::string& place, const std::string& what) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw UsageError(place + ": two " + what + " are called \"" + *twice + "\"");
}

void require_whole(const NetworkConfig& config, const std::string& place) {
  if (config.name.empty()) throw UsageError(place + ": the network has no name; write name = \"…\" at the top");
  for (const auto& broker : config.brokers) {
    if (broker.name.empty()) throw UsageError(place + ": a [[broker]] has no name");
    const auto has_url = [](const wire::BrokerAddress& a) { return !a.url.reveal_to_socket().empty(); };
    if (broker.addresses.empty() || !std::all_of(broker.addresses.begin(), broker.addresses.end(), has_url))
      throw UsageError(place + ": the broker " + broker.name + " needs a [[broker.address]] with a url");
  }
  for (const auto& egress : config.egresses) {
    if (egress.name.empty()) throw UsageError(place + ": an [[egress]] has no id");
    if (egress.relay_url.reveal_to_socket().empty() || egress.pin == wire::SpkiSha256{})
      throw UsageError(place + ": the egress " + egress.name +
                       " needs relay and spki_sha256; footbridge egress --descriptor-out writes them");
  }
  require_different_names(config.brokers, place, "brokers");
  require_different_names(config.egresses, place, "egresses");
}

}  // namespace

NetworkConfig parse_network_config(std::string_view text, const std::string& place) {
  NetworkConfig out;
  for (const auto& setting : ops::parse_toml(text, place)) take(out, setting);
  require_whole(out, place);
  return out;
}

std::string new_network_config(const std::string& name, const std::vector<Private<ops::HttpUrl>>& broker_urls,
                               const std::optional<wire::SpkiSha256>& tls_pin) {
  std::string out =
      "# A network of Footbridge. After each change run: footbridge network directory\n"
      "name = " +
      ops::toml_text(name) +
      "\ninvites = \"needed\"          # brokers ask for one; \"open\": who was invited once can let anybody in\n";
  // The key of its certificate, where no authority vouches for it.
  const auto pin =
      "tls_spki_sha256 = \"" + (tls_pin ? encode_hex(tls_pin->view()) : "…64 hexadecimal digits…") + "\"\n";
  std::size_t number = 0;
  for (const auto& url : broker_urls)
    out += "\n[[broker]]\nname = \"broker-" + std::to_string(++number) +
           "\"\n[[broker.address]]\nurl = " + ops::toml_text(url.reveal_to_socket().text) +
           "\n#front = \"front.example\"    # host to connect to instead, and to name in TLS\n" +
           (tls_pin ? "" : "# The key of its certificate, where no authority vouches for it:\n#") + pin;
  return out +
         "\n# Append what footbridge egress --descriptor-out FILE writes, for each egress:\n"
         "#[[egress]]\n#id = \"egress-1\"\n#relay = \"wss://egress.example/leg\"\n#relay_udp_port = 8911\n"
         "#spki_sha256 = \"…64 hexadecimal digits…\"\n"
         "\n[stun]\nservers = []                # \"stun.example:3478\": who tells others their outside address; none: "
         "public ones do\n"
         "\n[tactics]\ndtls_sensitive = []         # countries, as in \"IR\", where native programs are given away by "
         "DTLS\n"
         "native_links_off = []       # countries where every link is to have a browser's form\n"
         "risky_to_help = []          # countries whose volunteers are warned that helping may be dangerous there\n"
         "most_paths = 0              # volunteers of one client at once; 0: as many as it wants\n"
         "udp_legs_off = false        # true: volunteers reach egresses over WebSocket only\n";
}

}  // namespace footbridge::network
