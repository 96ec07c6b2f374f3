// Requests of every kind at a sealed broker, changed by somebody who has the network's secret and so gets behind the
// envelope: in what they say of themselves and inside. Only the genuine ones are taken, in time and once each.
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

#include "base/assert.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "crypto/system_rng.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr UnixSeconds kStart{1'800'000'000}, kNow{1'800'001'000};
constexpr std::size_t kMaxDeeds = 16;  // requests of one input

// The same for every input: a broker draws what it draws from one seed, so tickets of one are good at the next.
struct Network {
  crypto::SystemRng prepared;  // libsodium chooses its quick implementations
  SeededRng rng{1};
  crypto::SecretKey secret = crypto::SecretKey::random(rng);
  crypto::X25519KeyPair broker_key = crypto::X25519KeyPair::random(rng), proxy_key = crypto::X25519KeyPair::random(rng);
  crypto::Envelope envelope{secret};
  std::array<crypto::Envelope::Request, 4> genuine;

  Network() {
    SeededRng draws(2);
    SealedBroker broker(secret, kStart, draws);
    broker.keys().add(broker_key, kStart);
    SealedAsker client(secret, broker_key.public_key, std::nullopt), proxy(secret, broker_key.public_key, proxy_key);
    const auto say = [&](SealedAsker& asker) {
      return std::move(*asker.seal(kNow, Seconds{0}, as_bytes("body"), rng));
    };
    auto first = say(proxy);
    genuine[0] = *envelope.open_request(first.bytes);
    auto opened = broker.open(kNow, first.bytes);
    FB_ASSERT(proxy.open(kNow, std::move(first.answer), broker.seal(kNow, std::move(opened->reply), {})).ok());
    genuine[1] = *envelope.open_request(say(proxy).bytes);
    genuine[2] = *envelope.open_request(say(client).bytes);
    genuine[3] = {{crypto::RequestKind::Directory, kNow, rng.array<crypto::kAeadNonceBytes>()}, to_bytes("body")};
  }
};

void change(fuzz::Deeds& deeds, crypto::Envelope::Request& request) {
  switch (deeds.below(7)) {
    case 1: request.header.stamp = UnixSeconds{count(kNow) + deeds.byte() - 128}; break;
    case 2: request.header.nonce[deeds.below(crypto::kAeadNonceBytes)] ^= static_cast<std::byte>(deeds.byte()); break;
    case 3: request.header.kind = static_cast<crypto::RequestKind>(1 + deeds.below(4)); break;
    case 4: request.message.resize(deeds.below(256)); break;
    case 5: append(request.message, deeds.bytes(deeds.below(64))); break;
    case 6:
      if (!request.message.empty())
        request.message[deeds.below(request.message.size())] ^= static_cast<std::byte>(deeds.byte());
      break;
    default: break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Network network;
  SeededRng draws(2), lengths(3);
  SealedBroker broker(network.secret, kStart, draws);
  broker.keys().add(network.broker_key, kStart);
  fuzz::Deeds deeds(as_bytes(data, size));
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
    const auto which = deeds.below(network.genuine.size());
    const auto& real = network.genuine[which];
    auto request = real;
    change(deeds, request);
    change(deeds, request);
    const UnixSeconds now{count(kNow) + deeds.byte() - 128};
    auto body = network.envelope.seal_request(request.header, request.message, lengths);
    if (deeds.one_in(8)) body[deeds.below(body.size())] ^= std::byte{1};
    auto opened = broker.open(now, body);
    if (!opened || opened->kind == crypto::RequestKind::Directory) continue;
    FB_ASSERT(request.message == real.message && binding(request.header) == binding(real.header));
    FB_ASSERT(taken.insert(which).second);
    FB_ASSERT(opened->body == to_bytes("body"));
    FB_ASSERT(opened->proxy.has_value() == (which < 2));
    (void)broker.seal(now, std::move(opened->reply), as_bytes("answer"));
  }
  return 0;
}
