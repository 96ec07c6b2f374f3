// Somebody between two ends of a Noise handshake, of every pattern: messages are delivered as they were written,
// changed, cut, made longer, or replaced by others, and then those of the transport. Nothing opens but what was sealed,
// byte for byte; a refusal is the end of a handshake, and to a transport nothing at all.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "crypto/noise/handshake.hpp"
#include "crypto/system_rng.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::crypto;
using noise::Handshake;

constexpr noise::Pattern kPatterns[] = {noise::Pattern::IK, noise::Pattern::NK, noise::Pattern::XK};
constexpr std::size_t kMaxDeeds = 64;  // transport messages of one input: keeps a run under a millisecond or so

// A payload that fits: more is our own mistake, not the network's.
ByteView payload_of(fuzz::Deeds& deeds, std::size_t most) {
  const auto run = deeds.run();
  return run.first(std::min(run.size(), most));
}

std::size_t place_in(fuzz::Deeds& deeds, std::size_t bound) {
  const auto high = deeds.byte();
  return (high << 8 | deeds.byte()) % bound;
}

// What arrives in the place of `genuine`.
Bytes delivered(fuzz::Deeds& deeds, const Bytes& genuine) {
  auto out = genuine;
  switch (deeds.below(5)) {
    case 1: {
      auto& byte = out[place_in(deeds, out.size())];  // no message is empty: each has at least a tag
      byte ^= static_cast<std::byte>(deeds.byte());
      break;
    }
    case 2: out.resize(place_in(deeds, out.size() + 1)); break;
    case 3: append(out, deeds.run()); break;
    case 4: out = to_bytes(deeds.run()); break;
    default: break;
  }
  return out;
}

// The same for every input.
struct Keys {
  SystemRng prepared;  // libsodium chooses its quick implementations when it is asked for randomness
  SeededRng rng{1};
  X25519KeyPair mine = X25519KeyPair::random(rng), theirs = X25519KeyPair::random(rng);
};

const Keys& keys() {
  static const Keys all;
  return all;
}

struct Ends {
  explicit Ends(noise::Pattern pattern)
      : initiator(pattern, noise::Role::Initiator, as_bytes("fuzz"),
                  {noise::shape_of(pattern).initiator_is_known ? std::optional(keys().mine) : std::nullopt,
                   keys().theirs.public_key}),
        responder(pattern, noise::Role::Responder, as_bytes("fuzz"), {keys().theirs, std::nullopt}) {}

  SeededRng rng{2};
  Handshake initiator, responder;
};

// True: both ends have finished.
bool shake_hands(fuzz::Deeds& deeds, Ends& ends) {
  auto* writer = &ends.initiator;
  auto* reader = &ends.responder;
  while (writer->state() == Handshake::State::Writing) {
    const auto payload = payload_of(deeds, writer->max_payload());
    const auto message = writer->write(payload, ends.rng);
    FB_ASSERT(message.ok());
    const auto arrived = delivered(deeds, *message);
    const auto read = reader->read(arrived);
    FB_ASSERT(read.ok() == (arrived == *message));
    if (!read) {
      FB_ASSERT(reader->state() == Handshake::State::Failed && !reader->peer_static());
      return false;
    }
    FB_ASSERT(*read == to_bytes(payload));
    std::swap(writer, reader);
  }
  return true;
}

void talk(fuzz::Deeds& deeds, noise::Transport near, noise::Transport far) {
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
    const auto number = near.send_nonce();
    const auto payload = payload_of(deeds, noise::kMaxTransportPayloadBytes);
    const auto message = near.write(payload);
    const auto arrived = delivered(deeds, message);
    const bool genuine = arrived == message;
    const auto asked = number + deeds.byte();
    FB_ASSERT(far.read_at(asked, arrived).ok() == (genuine && asked == number));
    FB_ASSERT(far.read(arrived).ok() == genuine);
    if (!genuine) {
      const auto after = far.read(message);
      FB_ASSERT(after.ok() && *after == to_bytes(payload));
    }
    if (deeds.one_in(4)) {
      near.rekey_sending();
      far.rekey_receiving();
    }
    if (deeds.one_in(2)) std::swap(near, far);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  Ends ends(kPatterns[deeds.below(std::size(kPatterns))]);
  if (!shake_hands(deeds, ends)) return 0;
  FB_ASSERT(ends.initiator.hash() == ends.responder.hash());
  talk(deeds, ends.initiator.split(), ends.responder.split());
  return 0;
}
