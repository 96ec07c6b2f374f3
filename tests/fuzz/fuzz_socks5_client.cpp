// What a SOCKS5 proxy answers us: any bytes, in two splittings, end in the same state after the same words of ours.
#include <cstdlib>

#include "wire/socks5_client.hpp"

namespace {

using namespace footbridge;

struct Outcome {
  std::size_t consumed = 0;
  wire::Socks5Client::State state{};
  Bytes said;
  std::uint16_t port = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

wire::Socks5Client make(bool associate, bool known) {
  const auto credentials = known ? std::optional(Private(wire::ProxyCredentials{"user", "password"})) : std::nullopt;
  if (associate) return wire::Socks5Client(credentials);
  return {Private(wire::Destination{"example.org", 443}), credentials};
}

Outcome feed(wire::Socks5Client client, ByteView input, std::size_t step) {
  Outcome out;
  while (out.consumed < input.size()) {
    const auto given = std::min(step, input.size() - out.consumed);
    const auto taken = client.on_bytes(input.subspan(out.consumed, given));
    if (!taken) {
      out.consumed = 0;  // how much was read of a refusal depends on the splitting
      break;
    }
    out.consumed += *taken;
    if (*taken < given) break;
  }
  out.state = client.state();
  out.said = client.take_output();
  out.port = client.bound_port();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  for (const bool associate : {false, true})
    for (const bool known : {false, true})
      if (feed(make(associate, known), input, 1) != feed(make(associate, known), input, 1 << 20)) std::abort();
  return 0;
}
