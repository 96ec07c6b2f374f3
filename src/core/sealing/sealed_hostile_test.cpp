// What is refused, and that nobody hears why.
#include "core/sealing/directory_exchange.hpp"
#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

using crypto::RequestKind;

struct SealedHostile : SealingTest {
  crypto::RequestHeader header(RequestKind kind) { return {kind, now, rng.array<crypto::kAeadNonceBytes>()}; }
  Bytes enveloped(RequestKind kind, ByteView message) { return envelope.seal_request(header(kind), message, rng); }
};

TEST_F(SealedHostile, CountsEveryReasonAndTellsNone) {
  EXPECT_FALSE(open(rng.bytes(3000)));
  EXPECT_EQ(refused(SealRefusal::Envelope), 1U);
  EXPECT_FALSE(open(client.seal(now, Seconds{-121}, {}, rng)->bytes));
  EXPECT_EQ(refused(SealRefusal::Stale), 1U);
  const auto bytes = ask(client).bytes;
  EXPECT_TRUE(open(bytes));
  EXPECT_FALSE(open(bytes));
  EXPECT_EQ(refused(SealRefusal::Replayed), 1U);
  EXPECT_FALSE(open(enveloped(RequestKind::Client, rng.bytes(100))));
  EXPECT_EQ(refused(SealRefusal::Inside), 1U);
  EXPECT_EQ(broker->opened(), 1U);
  EXPECT_EQ(name(SealRefusal::Inside), "inside");
}

TEST_F(SealedHostile, RefusesEveryByteThatIsTouchedInsideAndOut) {
  (void)exchange(client);
  for (auto* asker : {&client, &proxy}) {  // resumed, first
    const auto bytes = ask(*asker).bytes;
    for (std::size_t i = 0; i < bytes.size(); i += 13) {
      auto touched = bytes;
      touched[i] ^= std::byte{0x80};
      EXPECT_FALSE(open(touched)) << i;
    }
    const auto inside = *envelope.open_request(bytes);
    for (std::size_t i = 0; i < inside.message.size(); ++i) {
      auto touched = inside.message;
      touched[i] ^= std::byte{0x80};  // of the first key that is the bit which X25519 does not look at
      EXPECT_FALSE(open(envelope.seal_request(inside.header, touched, rng))) << i;
    }
    for (std::size_t size = 0; size < inside.message.size(); ++size)
      EXPECT_FALSE(open(envelope.seal_request(inside.header, ByteView(inside.message).first(size), rng))) << size;
    EXPECT_TRUE(open(bytes));
  }
}

TEST_F(SealedHostile, RefusesKeysThatAgreeOnNothing) {
  Bytes message(32);  // the point of order one, and a payload that would be sealed under zeros
  append(message, rng.bytes(64));
  for (const auto kind : {RequestKind::Client, RequestKind::Proxy}) EXPECT_FALSE(open(enveloped(kind, message)));
  SealedAsker fooled(secret, crypto::X25519PublicKey{}, std::nullopt);
  EXPECT_FALSE(fooled.seal(now, Seconds{0}, as_bytes("question"), rng)) << "a directory that names no real key";
}

TEST_F(SealedHostile, RefusesAnotherNetworkAndAnotherBroker) {
  SealedAsker stranger(crypto::SecretKey::random(rng), broker_key.public_key, std::nullopt);
  EXPECT_FALSE(open(ask(stranger).bytes));
  SealedAsker astray(secret, crypto::X25519KeyPair::random(rng).public_key, proxy_key);
  EXPECT_FALSE(open(ask(astray).bytes));
}

// A client's ticket does not make a proxy of him: who it is for is sealed inside.
TEST_F(SealedHostile, NobodyBecomesAProxyByATicket) {
  (void)exchange(client);
  SealedAsker liar = client;
  EXPECT_FALSE(open(ask(liar).bytes)->proxy);
  // Neither by saying another's public key in a handshake of his own: he lacks the secret half.
  auto forged = proxy_key;
  forged.secret = crypto::X25519Secret::random(rng);
  SealedAsker impostor(secret, broker_key.public_key, forged);
  EXPECT_FALSE(open(ask(impostor).bytes));
}

TEST_F(SealedHostile, AnAskerTakesNothingButItsAnswer) {
  for (int round = 0; round < 2; ++round) {  // handshake, ticket
    const auto before = client;
    auto asked = ask(client);
    const auto bytes = answer(std::move(*open(asked.bytes)));
    for (std::size_t i = 0; i < bytes.size(); i += 29) {
      auto again = before;
      SeededRng same(7);
      auto sealed = again.seal(now, Seconds{0}, as_bytes("question"), same);
      auto touched = bytes;
      touched[i] ^= std::byte{1};
      EXPECT_FALSE(again.open(now, std::move(sealed->answer), touched));
    }
    EXPECT_FALSE(client.open(now, std::move(asked.answer), Bytes{}));
    (void)exchange(client);
  }
}

// In the name of the broker, by who has the obfuscation secret: an answer of every length opens nothing.
TEST_F(SealedHostile, AnAnswerForgedBehindTheEnvelopeIsRefused) {
  for (int round = 0; round < 2; ++round) {
    for (const std::size_t size : {0U, 1U, 47U, 176U, 223U, 224U, 225U, 1000U}) {
      auto asked = ask(client);
      const auto nonce = envelope.open_request(asked.bytes)->header.nonce;
      const auto forged = envelope.seal_response(nonce, rng.bytes(size), rng);
      EXPECT_FALSE(client.open(now, std::move(asked.answer), forged)) << size;
    }
    (void)exchange(client);
  }
}

// Tables that are full shut out what needs them, and nobody whom they are not for.
TEST_F(SealedHostile, AFloodOfDirectoryRequestsShutsOutOnlyItsOwnKind) {
  constexpr auto kMost = SealedBroker::kDirectorySlots / 8 * 7;
  for (std::size_t i = 0; i < kMost; ++i) ASSERT_TRUE(broker->open(now, enveloped(RequestKind::Directory, {})));
  EXPECT_FALSE(open(enveloped(RequestKind::Directory, {})));
  EXPECT_EQ(refused(SealRefusal::DirectoryFull), 1U);
  EXPECT_EQ(refused(SealRefusal::Full), 0U) << "which means that nobody is served";
  EXPECT_EQ(exchange(client), RequestKind::Client);
}

}  // namespace
}  // namespace footbridge::core
