// Two ends of a handshake in one test: the keys of both follow from one seed. For tests.
#pragma once

#include <string_view>
#include <utility>

#include "base/rng.hpp"
#include "crypto/noise/handshake.hpp"

namespace footbridge::crypto::noise {

inline constexpr Pattern kPatterns[] = {Pattern::IK, Pattern::NK, Pattern::XK};

inline std::size_t message_count(Pattern pattern) { return shape_of(pattern).messages.size(); }

struct TestPair {
  explicit TestPair(Pattern pattern_, std::uint64_t seed = 1) : pattern(pattern_), rng(seed) {}

  Handshake initiator(std::string_view prologue = "prologue") const {
    HandshakeKeys keys{std::nullopt, responder_keys.public_key};
    if (shape_of(pattern).initiator_is_known) keys.mine = initiator_keys;
    return {pattern, Role::Initiator, as_bytes(prologue), keys};
  }
  Handshake responder(std::string_view prologue = "prologue") const {
    return {pattern, Role::Responder, as_bytes(prologue), {responder_keys, std::nullopt}};
  }

  Pattern pattern;
  SeededRng rng;
  X25519KeyPair initiator_keys = X25519KeyPair::random(rng);
  X25519KeyPair responder_keys = X25519KeyPair::random(rng);
};

// Who writes message `index`, and who reads it.
inline std::pair<Handshake&, Handshake&> turn(std::size_t index, Handshake& initiator, Handshake& responder) {
  if (index % 2 == 0) return {initiator, responder};
  return {responder, initiator};
}

// Runs all messages with empty payloads.
inline void shake_hands(TestPair& pair, Handshake& initiator, Handshake& responder) {
  for (std::size_t i = 0; i < message_count(pair.pattern); ++i) {
    auto [writer, reader] = turn(i, initiator, responder);
    const auto message = writer.write({}, pair.rng);
    FB_ASSERT(message.ok() && reader.read(*message).ok());
  }
}

}  // namespace footbridge::crypto::noise
