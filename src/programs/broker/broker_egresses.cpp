#include "programs/broker/broker_egresses.hpp"

#include <algorithm>

#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/egress_descriptor.hpp"
#include "programs/egress_names.hpp"
#include "wire/url.hpp"

namespace footbridge::broker {
namespace {

crypto::SecretKey leg_key(std::string_view option, const ops::FilePath& file) {
  return crypto::SecretKey::from(ops::read_key32(option, file).reveal_to_socket()).value();
}

std::vector<EgressDescriptor> described(const BrokerOptions& options) {
  if (!options.egress_file) return {};
  auto out = read_egress_file("--egress-file", *options.egress_file);
  for (const auto& egress : out)
    if (!egress.key_file)
      throw ops::UsageError("--egress-file: egress " + egress.id + " has no key_file, which a broker needs");
  return out;
}

// Clients choose the pinned key by it, if there is one.
wire::EgressId egress_id(const EgressDescriptor& egress) {
  return egress.pin ? egress_name_by_pin(egress.pin->sha256)
                    : egress_name_by_relay(egress.relay.reveal_to_socket().text);
}

std::vector<core::EgressEntry> by_options(const BrokerOptions& options) {
  std::vector<core::EgressEntry> out;
  for (const auto& egress : described(options))
    out.push_back({egress_id(egress), Private<std::string>(relay_root(egress.relay.reveal_to_socket().text)),
                   leg_key("--egress-file", *egress.key_file), egress.relay_udp_port.value_or(0)});
  for (const auto& relay : options.egress) {
    const auto& url = relay.reveal_to_socket().text;
    out.push_back({egress_name_by_relay(url), Private<std::string>(relay_root(url)),
                   leg_key("--leg-key-file", *options.leg_key_file)});
  }
  return out;
}

std::vector<core::EgressEntry> by_directory(const BrokerOptions& options, const wire::Directory& directory) {
  const auto known = described(options);
  std::vector<core::EgressEntry> out;
  for (const auto& egress : directory.egresses) {
    const auto mine = std::ranges::find_if(known, [&](const EgressDescriptor& each) {
      return each.pin ? std::ranges::equal(ByteView(each.pin->sha256), egress.pin.view()) : each.id == egress.name;
    });
    if (mine == known.end() && !options.leg_key_file) {
      observe::log(observe::Level::Warn, "egress-without-key", observe::kv("egress", egress.name));
      continue;
    }
    auto key = mine != known.end() ? leg_key("--egress-file", *mine->key_file)
                                   : leg_key("--leg-key-file", *options.leg_key_file);
    out.push_back({egress_name_by_pin(egress.pin.view()),
                   Private<std::string>(relay_root(egress.relay_url.reveal_to_socket())), std::move(key),
                   directory.tactics.udp_legs_off ? std::uint16_t{0} : egress.relay_udp_port});
  }
  return out;
}

// Pages without a network reach what is private in the machine of whoever looks at them (BrokerPages).
void require_loopback(const std::vector<core::EgressEntry>& egresses) {
  for (const auto& egress : egresses)
    if (const auto url = wire::parse_url(egress.relay_url.reveal_to_socket());
        !url || !ops::names_loopback(url->host.reveal_to_socket()))
      throw ops::UsageError(
          "--web: without --network its pages are for browsers of this machine, and one of the egresses is elsewhere; "
          "name a --network");
}

}  // namespace

std::vector<core::EgressEntry> egress_entries(const BrokerOptions& options, const wire::Directory* directory) {
  auto out = directory == nullptr ? by_options(options) : by_directory(options, *directory);
  if (options.web && directory == nullptr) require_loopback(out);
  if (!out.empty()) return out;
  throw ops::UsageError(directory == nullptr
                            ? "--egress-file: no egress is in it, so there is nowhere to send anybody"
                            : "--network: there is no egress in the directory whose key is in --egress-file or "
                              "--leg-key-file, so there is nowhere to send anybody; append what footbridge egress "
                              "--descriptor-out writes to network.toml, and run footbridge network directory");
}

}  // namespace footbridge::broker
