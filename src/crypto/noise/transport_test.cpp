#include "crypto/noise/transport.hpp"

#include <gtest/gtest.h>

#include "crypto/noise/cipher_state.hpp"
#include "crypto/noise/test_pair.hpp"

namespace footbridge::crypto::noise {
namespace {

struct TransportTest : testing::Test {
  SeededRng rng{1};
  SecretKey there_key = SecretKey::random(rng), back_key = SecretKey::random(rng);
  Transport near{CipherState(there_key), CipherState(back_key)};
  Transport far{CipherState(back_key), CipherState(there_key)};
};

TEST_F(TransportTest, CountsMessagesInOrder) {
  for (std::uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(near.send_nonce(), i);
    EXPECT_EQ(far.receive_nonce(), i);
    const auto payload = rng.bytes(i);
    const auto message = near.write(payload);
    EXPECT_EQ(message.size(), payload.size() + kAeadTagBytes);
    EXPECT_EQ(*far.read(message), payload);
  }
}

TEST_F(TransportTest, GoesOnAfterAMessageThatIsRefused) {
  auto forged = near.write(as_bytes("one"));
  const auto genuine = forged;
  forged[0] ^= std::byte{1};
  EXPECT_EQ(far.read(forged).error(), NoiseErrc::Refused);
  EXPECT_FALSE(far.read({}));
  EXPECT_EQ(far.receive_nonce(), 0U);
  EXPECT_EQ(*far.read(genuine), to_bytes("one"));
  EXPECT_FALSE(far.read(genuine));  // in order, nothing comes twice
}

TEST_F(TransportTest, ReadsInAnyOrderByNumber) {
  std::vector<Bytes> messages;
  for (int i = 0; i < 5; ++i) messages.push_back(near.write(Bytes(static_cast<std::size_t>(i))));
  for (const auto number : {3U, 0U, 4U, 0U, 2U, 1U}) EXPECT_EQ(*far.read_at(number, messages[number]), Bytes(number));
  EXPECT_FALSE(far.read_at(2, messages[3]));
  EXPECT_FALSE(far.read_at(5, messages[4]));
  EXPECT_EQ(far.receive_nonce(), 0U);
}

// The number is one of the network's: the reserved one is refused even to who sealed something under it.
TEST_F(TransportTest, RefusesTheReservedNumber) {
  CountedNonce last{};
  std::fill(last.begin() + 4, last.end(), std::byte{0xff});
  EXPECT_FALSE(far.read_at(kRekeyNonce, aead_seal(there_key, last, as_bytes("x"), {})));
  last[4] = std::byte{0xfe};
  EXPECT_TRUE(far.read_at(kRekeyNonce - 1, aead_seal(there_key, last, as_bytes("x"), {})));
}

TEST_F(TransportTest, KeepsItsBounds) {
  const Bytes largest(kMaxTransportPayloadBytes);
  auto message = near.write(largest);
  EXPECT_EQ(message.size(), kMaxMessageBytes);
  EXPECT_EQ(*far.read_at(0, message), largest);
  // Sealed by the right key, and still too long.
  CountedNonce zero{};
  message = aead_seal(there_key, zero, Bytes(kMaxTransportPayloadBytes + 1), {});
  EXPECT_FALSE(far.read(message));
  EXPECT_FALSE(far.read_at(0, message));
  EXPECT_DEATH((void)near.write(Bytes(kMaxTransportPayloadBytes + 1)), "kMaxTransportPayloadBytes");
}

TEST_F(TransportTest, RekeysOneDirectionAndGoesOnCounting) {
  const auto before = near.write(as_bytes("before"));
  EXPECT_TRUE(far.read(before));
  near.rekey_sending();
  const auto after = near.write(as_bytes("after"));
  EXPECT_EQ(near.send_nonce(), 2U);
  EXPECT_FALSE(far.read(after));
  far.rekey_receiving();
  EXPECT_EQ(*far.read(after), to_bytes("after"));
  EXPECT_FALSE(far.read_at(0, before));                                  // the old key is gone
  EXPECT_EQ(*near.read(far.write(as_bytes("back"))), to_bytes("back"));  // the other direction is as it was
}

TEST_F(TransportTest, DerivesKeysOfADirectionAndALabel) {
  const auto bytes = [](const SecretKey& key) { return to_bytes(key.reveal_to_primitive()); };
  const auto ours = near.derive("one use"), theirs = far.derive("one use");
  EXPECT_EQ(bytes(ours.sending), bytes(theirs.receiving));
  EXPECT_EQ(bytes(ours.receiving), bytes(theirs.sending));
  EXPECT_NE(bytes(ours.sending), bytes(ours.receiving));
  EXPECT_NE(bytes(ours.sending), bytes(near.derive("another use").sending));
  EXPECT_NE(bytes(ours.sending), bytes(there_key)) << "the transport's own key is told to nobody";
  EXPECT_EQ(bytes(ours.sending), to_bytes(blake2b<32>(as_bytes("one use"), there_key.reveal_to_primitive())));
  const auto message = near.write(as_bytes("as before"));
  EXPECT_EQ(near.send_nonce(), 1U);
  EXPECT_EQ(*far.read(message), to_bytes("as before"));
  near.rekey_sending();
  EXPECT_NE(bytes(near.derive("one use").sending), bytes(ours.sending));
  EXPECT_EQ(bytes(near.derive("one use").receiving), bytes(ours.receiving));
  EXPECT_DEATH((void)near.derive(""), "label");
}

TEST_F(TransportTest, SealsNothingTwiceTheSame) {
  EXPECT_NE(near.write(as_bytes("same")), near.write(as_bytes("same")));
  CipherState other{there_key};
  EXPECT_NE(CipherState{there_key}.encrypt(as_bytes("a"), {}), other.encrypt(as_bytes("b"), {}));
}

TEST_F(TransportTest, LeavesNoKeyBehindWhenItIsMoved) {
  (void)near.write(as_bytes("one"));
  auto moved = std::move(near);
  EXPECT_EQ(moved.send_nonce(), 1U);
  // NOLINTBEGIN(bugprone-use-after-move): what such a mistake meets
  EXPECT_DEATH((void)near.write(as_bytes("under the number of another")), "has_key");
  EXPECT_DEATH((void)near.read({}), "has_key");
  EXPECT_DEATH((void)near.read_at(0, {}), "has_key");
  EXPECT_DEATH((void)near.derive("one use"), "has_key");
  near = std::move(moved);
  EXPECT_DEATH((void)moved.write({}), "has_key");
  // NOLINTEND(bugprone-use-after-move)
  EXPECT_EQ(*far.read_at(1, near.write(as_bytes("two"))), to_bytes("two"));
}

TEST(CipherState, PassesEverythingWithoutAKey) {
  CipherState none;
  EXPECT_EQ(none.encrypt(as_bytes("a"), as_bytes("text")), to_bytes("text"));
  EXPECT_EQ(none.decrypt(as_bytes("b"), as_bytes("text")), to_bytes("text"));
  EXPECT_EQ(none.nonce(), 0U);
  EXPECT_DEATH(none.rekey(), "has_key");
  EXPECT_DEATH((void)none.decrypt_at(0, {}, {}), "has_key");
  EXPECT_DEATH(Transport(CipherState(), CipherState()), "has_key");
}

}  // namespace
}  // namespace footbridge::crypto::noise
