#include "wire/network.hpp"
#include "wire/network_fields.hpp"

namespace footbridge::wire {
namespace {

void write_countries(ProtoWriter& out, std::uint32_t number, const std::vector<Country>& countries) {
  FB_ASSERT(countries.size() <= kMaxTacticCountries);
  for (const auto country : countries) {
    FB_ASSERT(country.known());
    out.text(number, country.to_text());
  }
}

void write_egress(ProtoWriter& out, const EgressEntry& egress) {
  FB_ASSERT(is_entry_name(egress.name));
  out.message(4, [&](ProtoWriter& w) {
    w.text(1, egress.name);
    write_plain(w, 2, egress.relay_url, 1, kMaxNetworkUrlBytes);
    w.integer(3, egress.relay_udp_port).bytes(4, egress.pin.view());
    if (egress.tls_pin) w.bytes(5, egress.tls_pin->view());
  });
}

void write_broker(ProtoWriter& out, const BrokerEntry& broker) {
  FB_ASSERT(is_entry_name(broker.name) && !broker.keys.empty() && broker.keys.size() <= kMaxBrokerKeys);
  out.message(5, [&](ProtoWriter& w) {
    w.text(1, broker.name);
    write_addresses(w, 2, broker.addresses);
    for (const auto& key : broker.keys)
      w.message(3, [&](ProtoWriter& k) {
        k.bytes(1, key.x25519.view());
        write_time(k, 2, key.valid.from);
        write_time(k, 3, key.valid.until);
      });
  });
}

void write_tactics(ProtoWriter& out, const Tactics& tactics) {
  FB_ASSERT(tactics.most_paths <= kMaxTacticPaths);
  const bool says_nothing = tactics.dtls_sensitive.empty() && tactics.native_links_off.empty() &&
                            tactics.most_paths == 0 && !tactics.udp_legs_off && tactics.risky_to_help.empty();
  if (says_nothing) return;
  out.message(7, [&](ProtoWriter& w) {
    write_countries(w, 1, tactics.dtls_sensitive);
    write_countries(w, 2, tactics.native_links_off);
    w.integer(3, tactics.most_paths).integer(4, tactics.udp_legs_off ? 1 : 0);
    write_countries(w, 5, tactics.risky_to_help);
  });
}

}  // namespace

Bytes encode_signed_certificate(const SignedCertificate& certificate) {
  FB_ASSERT(!certificate.certificate.empty() && certificate.certificate.size() <= kMaxCertificateBytes);
  Bytes out;
  ProtoWriter(out).bytes(1, certificate.certificate).bytes(2, certificate.signature.view());
  return out;
}

Bytes encode_certificate(const Certificate& certificate) {
  FB_ASSERT(certificate.serial > 0);
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(1, certificate.directory_key.view()).integer(2, certificate.serial);
  write_time(writer, 3, certificate.valid.from);
  write_time(writer, 4, certificate.valid.until);
  return out;
}

// Larger than kMaxSignedDirectoryBytes is for the caller to notice: it depends on what an operator wrote down.
Bytes encode_signed_directory(const SignedDirectory& directory) {
  FB_ASSERT(!directory.directory.empty());
  auto out = encode_signed_certificate(directory.certificate);
  ProtoWriter(out).bytes(3, directory.directory).bytes(4, directory.signature.view());
  return out;
}

Bytes encode_directory(const Directory& directory) {
  FB_ASSERT(directory.version > 0 && directory.stun_servers.size() <= kMaxStunServers);
  FB_ASSERT(directory.egresses.size() <= kMaxDirectoryEgresses && directory.brokers.size() <= kMaxDirectoryBrokers);
  Bytes out;
  ProtoWriter writer(out);
  writer.integer(1, directory.version);
  write_time(writer, 2, directory.valid.from);
  write_time(writer, 3, directory.valid.until);
  for (const auto& egress : directory.egresses) write_egress(writer, egress);
  for (const auto& broker : directory.brokers) write_broker(writer, broker);
  for (const auto& server : directory.stun_servers) write_plain(writer, 6, server, 1, kMaxHostBytes);
  write_tactics(writer, directory.tactics);
  return out;
}

}  // namespace footbridge::wire
