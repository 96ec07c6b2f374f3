#include <algorithm>

#include "wire/network.hpp"
#include "wire/network_fields.hpp"

// Each parser walks one message; what must be present is checked at its end.
namespace footbridge::wire {
namespace {

bool read_name(const ProtoField& field, std::string& out) {
  const auto bytes = field.bytes_between(1, kMaxEntryNameBytes);
  if (!bytes || !is_entry_name(as_text(*bytes))) return false;
  out = to_string(*bytes);
  return true;
}

bool read_egress(const ProtoReader& reader, const ProtoField& field, std::vector<EgressEntry>& out) {
  if (out.size() >= kMaxDirectoryEgresses) return false;
  EgressEntry egress;
  bool has_url = false;
  bool has_pin = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_name(f, egress.name);
      case 2: return has_url = read_plain(f, 1, kMaxNetworkUrlBytes, egress.relay_url);
      case 3: return read_integer(f, UINT16_MAX, egress.relay_udp_port);
      case 4: return has_pin = read_id(f, egress.pin);
      case 5: return read_id(f, egress.tls_pin);
      default: return true;
    }
  });
  if (!ok || !has_url || !has_pin || egress.name.empty()) return false;
  out.push_back(std::move(egress));
  return true;
}

bool read_broker_key(const ProtoReader& reader, const ProtoField& field, std::vector<BrokerKey>& out) {
  if (out.size() >= kMaxBrokerKeys) return false;
  BrokerKey key;
  bool has_key = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_key = read_id(f, key.x25519);
      case 2: return read_time(f, key.valid.from);
      case 3: return read_time(f, key.valid.until);
      default: return true;
    }
  });
  if (!ok || !has_key) return false;
  out.push_back(key);
  return true;
}

bool read_broker(const ProtoReader& reader, const ProtoField& field, std::vector<BrokerEntry>& out) {
  if (out.size() >= kMaxDirectoryBrokers) return false;
  BrokerEntry broker;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_name(f, broker.name);
      case 2: return read_address(r, f, broker.addresses);
      case 3: return read_broker_key(r, f, broker.keys);
      default: return true;
    }
  });
  if (!ok || broker.name.empty() || broker.addresses.empty() || broker.keys.empty()) return false;
  out.push_back(std::move(broker));
  return true;
}

bool read_stun_server(const ProtoField& field, std::vector<Private<std::string>>& out) {
  if (out.size() >= kMaxStunServers) return false;
  Private<std::string> server;
  if (!read_plain(field, 1, kMaxHostBytes, server)) return false;
  out.push_back(std::move(server));
  return true;
}

bool read_country(const ProtoField& field, std::vector<Country>& out) {
  const auto bytes = out.size() < kMaxTacticCountries ? field.bytes_between(2, 2) : std::nullopt;
  const auto country = bytes ? Country::parse(as_text(*bytes)) : std::nullopt;
  if (!country || !country->known()) return false;
  out.push_back(*country);
  return true;
}

bool read_tactics(const ProtoReader& reader, const ProtoField& field, Tactics& tactics) {
  tactics = Tactics{};
  return each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_country(f, tactics.dtls_sensitive);
      case 2: return read_country(f, tactics.native_links_off);
      case 3: return read_integer(f, kMaxTacticPaths, tactics.most_paths);
      case 4: return read_bool(f, tactics.udp_legs_off);
      case 5: return read_country(f, tactics.risky_to_help);
      default: return true;
    }
  });
}

}  // namespace

std::optional<SignedCertificate> parse_signed_certificate(ByteView in) {
  SignedCertificate out;
  bool has_signature = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_bytes(f, 1, kMaxCertificateBytes, out.certificate);
      case 2: return has_signature = read_id(f, out.signature);
      default: return true;
    }
  });
  if (!ok || !has_signature || out.certificate.empty()) return std::nullopt;
  return out;
}

std::optional<Certificate> parse_certificate(ByteView in) {
  if (in.size() > kMaxCertificateBytes) return std::nullopt;
  Certificate out;
  bool has_key = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_key = read_id(f, out.directory_key);
      case 2: return read_integer(f, UINT64_MAX, out.serial);
      case 3: return read_time(f, out.valid.from);
      case 4: return read_time(f, out.valid.until);
      default: return true;
    }
  });
  if (!ok || !has_key || out.serial == 0) return std::nullopt;
  return out;
}

std::optional<SignedDirectory> parse_signed_directory(ByteView in) {
  if (in.size() > kMaxSignedDirectoryBytes) return std::nullopt;
  auto certificate = parse_signed_certificate(in);
  if (!certificate) return std::nullopt;
  SignedDirectory out{std::move(*certificate), {}, {}};
  bool has_signature = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 3: return read_bytes(f, 1, kMaxSignedDirectoryBytes, out.directory);
      case 4: return has_signature = read_id(f, out.signature);
      default: return true;
    }
  });
  if (!ok || !has_signature || out.directory.empty()) return std::nullopt;
  return out;
}

std::optional<Directory> parse_directory(ByteView in) {
  if (in.size() > kMaxSignedDirectoryBytes) return std::nullopt;
  Directory out;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_integer(f, UINT64_MAX, out.version);
      case 2: return read_time(f, out.valid.from);
      case 3: return read_time(f, out.valid.until);
      case 4: return read_egress(r, f, out.egresses);
      case 5: return read_broker(r, f, out.brokers);
      case 6: return read_stun_server(f, out.stun_servers);
      case 7: return read_tactics(r, f, out.tactics);
      default: return true;
    }
  });
  if (!ok || out.version == 0) return std::nullopt;
  return out;
}

bool is_plain_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_entry_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxEntryNameBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace footbridge::wire
