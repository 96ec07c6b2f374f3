// A broker, its askers and a clock that stands still until a test moves it. For tests.
#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"

namespace footbridge::core {

inline UnixSeconds operator+(UnixSeconds at, std::int64_t seconds) {
  return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(count(at)) + seconds)};
}

struct SealingTest : testing::Test {
  // Long after its start, and in the middle of a span and of an hour.
  static constexpr UnixSeconds kStart{1'800'000'000};
  UnixSeconds now = kStart + 1000;

  SeededRng rng{1};
  crypto::SecretKey secret = crypto::SecretKey::random(rng);
  crypto::X25519KeyPair broker_key = crypto::X25519KeyPair::random(rng);
  crypto::X25519KeyPair proxy_key = crypto::X25519KeyPair::random(rng);
  crypto::Envelope envelope{secret};  // what whoever has the secret can do
  std::optional<SealedBroker> broker;
  SealedAsker client = make_client();
  SealedAsker proxy{secret, broker_key.public_key, proxy_key};

  SealingTest() { restart(kStart); }
  // Another process, with the same key.
  void restart(UnixSeconds started) {
    broker.emplace(secret, started, rng);
    broker->keys().add(broker_key, started);
  }
  SealedAsker make_client() { return {secret, broker_key.public_key, std::nullopt}; }
  ProxyId proxy_id() const { return *ProxyId::from(proxy_key.public_key.view()); }

  SealedAsker::Sealed ask(SealedAsker& asker, std::string_view body = "question") {
    auto sealed = asker.seal(now, Seconds{0}, as_bytes(body), rng);
    FB_ASSERT(sealed.ok());
    return std::move(*sealed);
  }
  Result<OpenedRequest, SealErrc> open(ByteView bytes) { return broker->open(now, bytes); }
  Bytes answer(OpenedRequest request, std::string_view body = "answer") {
    return broker->seal(now, std::move(request.reply), as_bytes(body));
  }
  // A whole exchange: what kind it was; nullopt: it was refused on the way.
  std::optional<crypto::RequestKind> exchange(SealedAsker& asker) {
    auto asked = ask(asker);
    auto opened = open(asked.bytes);
    if (!opened) {
      EXPECT_FALSE(asker.open(now, std::move(asked.answer), as_bytes("<html>"))) << "the decoy";
      return std::nullopt;
    }
    EXPECT_EQ(opened->body, to_bytes("question"));
    const auto kind = opened->kind;
    const auto heard = asker.open(now, std::move(asked.answer), answer(std::move(*opened)));
    if (!heard) return std::nullopt;
    EXPECT_EQ(*heard, to_bytes("answer"));
    return kind;
  }
  std::uint64_t refused(SealRefusal why) const { return broker->refused(why); }
};

}  // namespace footbridge::core
