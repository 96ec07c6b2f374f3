#include "programs/egress/egress_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/encoding.hpp"
#include "io/certificate_key.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/egress_descriptor.hpp"

namespace footbridge::egress {
namespace {

bool absent(const ops::FilePath& file) {
  std::error_code error;
  return !std::filesystem::exists(file.path, error) && !error;
}

quic::Identity load_identity(const EgressOptions& options) {
  if (options.create && absent(*options.identity_file)) {
    const auto made = quic::Identity::generate();
    if (!made) throw ops::RunError("cannot make an identity: " + std::string(quic::describe(made.error())));
    const auto pem = made->encode_pem();
    if (!pem) throw ops::RunError("cannot make an identity: " + std::string(quic::describe(pem.error())));
    ops::create_key_file("--identity-file", *options.identity_file, as_text(*pem));
  }
  const auto pem = ops::read_key_file("--identity-file", *options.identity_file);
  auto identity = quic::Identity::parse_pem(as_bytes(pem.reveal_to_socket()));
  if (!identity)
    throw ops::UsageError("--identity-file " + options.identity_file->path + ": " +
                          std::string(quic::describe(identity.error())));
  return std::move(identity).value();
}

// A certificate that nobody vouches for is of use to those only who know its key.
std::optional<ops::Pin> relay_pin(const EgressOptions& options) {
  if (!options.face.tls_cert) return std::nullopt;
  std::ifstream in(options.face.tls_cert->path);
  const auto hash = io::key_to_pin(std::string(std::istreambuf_iterator<char>(in), {}));
  return hash ? std::optional(ops::Pin{hash->raw}) : std::nullopt;
}

}  // namespace

EgressKeys load_keys(const EgressOptions& options, Rng& rng) {
  if (options.create && absent(*options.leg_key_file))
    ops::create_key_file("--leg-key-file", *options.leg_key_file, encode_hex(rng.bytes(32)) + "\n");
  auto identity = load_identity(options);
  const auto raw = ops::read_key32("--leg-key-file", *options.leg_key_file);
  return {std::move(identity), crypto::SecretKey::from(raw.reveal_to_socket()).value()};
}

void write_descriptor(const EgressOptions& options, const quic::SpkiPin& pin, const std::string& relay_url,
                      std::optional<std::uint16_t> udp_port) {
  if (!options.descriptor_out) return;
  EgressDescriptor descriptor;
  descriptor.id = options.id;
  descriptor.relay_udp_port = udp_port;
  descriptor.relay = Private<ops::WsUrl>(ops::ValueType<ops::WsUrl>::parse(relay_url).value());
  ops::Pin public_pin;
  std::copy(pin.view().begin(), pin.view().end(), public_pin.sha256.begin());
  descriptor.pin = public_pin;
  descriptor.relay_tls_pin = relay_pin(options);
  ops::write_public_file("--descriptor-out", *options.descriptor_out, descriptor_text(descriptor));
}

}  // namespace footbridge::egress
