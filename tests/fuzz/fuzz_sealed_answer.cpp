// Answers at an asker, to a handshake and to a resumed request, changed by somebody who has the network's secret and
// the request's nonce: only the broker's own answer is taken, and only it brings a ticket.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "crypto/system_rng.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr UnixSeconds kStart{1'800'000'000}, kNow{1'800'001'000};

// An asker, and what the broker says to the request that it makes with chance of this seed.
struct Asked {
  SealedAsker asker;
  std::uint64_t seed;
  crypto::AeadNonce nonce{};
  Bytes inside;  // the answer without its envelope

  SealedAsker::Sealed ask(SealedAsker& by) const {
    SeededRng rng(seed);
    return std::move(*by.seal(kNow, Seconds{0}, as_bytes("question"), rng));
  }
};

struct Network {
  crypto::SystemRng prepared;  // libsodium chooses its quick implementations
  SeededRng rng{1};
  crypto::SecretKey secret = crypto::SecretKey::random(rng);
  crypto::X25519KeyPair broker_key = crypto::X25519KeyPair::random(rng);
  crypto::Envelope envelope{secret};
  SealedBroker broker{secret, kStart, rng};
  Asked first{SealedAsker(secret, broker_key.public_key, std::nullopt), 7, {}, {}};
  Asked resumed = first;

  Network() {
    broker.keys().add(broker_key, kStart);
    auto sealed = answer(first);
    FB_ASSERT(resumed.asker.open(kNow, std::move(sealed.first.answer), sealed.second).ok());
    resumed.seed = 8;
    (void)answer(resumed);
  }
  std::pair<SealedAsker::Sealed, Bytes> answer(Asked& asked) {
    auto by = asked.asker;
    auto sealed = asked.ask(by);
    asked.nonce = envelope.open_request(sealed.bytes)->header.nonce;
    auto opened = broker.open(kNow, sealed.bytes);
    auto bytes = broker.seal(kNow, std::move(opened->reply), as_bytes("answer"));
    asked.inside = *envelope.open_response(asked.nonce, bytes);
    return {std::move(sealed), std::move(bytes)};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Network network;
  fuzz::Deeds deeds(as_bytes(data, size));
  const auto& asked = deeds.one_in(2) ? network.first : network.resumed;
  auto inside = asked.inside;
  if (deeds.one_in(4)) {
    inside = to_bytes(deeds.rest());
  } else {
    for (int i = 0; i < 8 && !deeds.empty(); ++i) {
      if (deeds.one_in(8)) inside.resize(deeds.below(256));
      if (!inside.empty()) inside[deeds.below(inside.size())] ^= static_cast<std::byte>(deeds.byte());
    }
  }
  if (inside.size() > crypto::kMaxResponseMessageBytes) return 0;
  auto asker = asked.asker;
  auto sealed = asked.ask(asker);
  SeededRng lengths(3);
  const auto heard =
      asker.open(kNow, std::move(sealed.answer), network.envelope.seal_response(asked.nonce, inside, lengths));
  FB_ASSERT(heard.ok() == (inside == asked.inside));
  FB_ASSERT(asker.tickets() == (heard.ok() ? 1U : 0U));
  if (heard.ok()) FB_ASSERT(*heard == to_bytes("answer"));
  return 0;
}
