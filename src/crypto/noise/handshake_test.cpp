#include "crypto/noise/handshake.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "crypto/noise/test_pair.hpp"

namespace footbridge::crypto::noise {
namespace {

using State = Handshake::State;

class EveryPattern : public testing::TestWithParam<Pattern> {
 protected:
  TestPair pair{GetParam()};
  Handshake initiator = pair.initiator();
  Handshake responder = pair.responder();
  std::size_t messages = message_count(GetParam());

  // A handshake of its own: reads and writes the messages before `index`; the next one is written and returned.
  Bytes message(std::size_t index) {
    initiator = pair.initiator();
    responder = pair.responder();
    for (std::size_t i = 0; i < index; ++i) {
      auto [writer, reader] = turn(i, initiator, responder);
      EXPECT_TRUE(reader.read(*writer.write({}, pair.rng)));
    }
    return *turn(index, initiator, responder).first.write(as_bytes("payload"), pair.rng);
  }
  Handshake& reader_of(std::size_t index) { return turn(index, initiator, responder).second; }
};

TEST_P(EveryPattern, CarriesAPayloadInEachMessageAndAgreesInTheEnd) {
  for (std::size_t i = 0; i < messages; ++i) {
    auto [writer, reader] = turn(i, initiator, responder);
    ASSERT_EQ(writer.state(), State::Writing);
    ASSERT_EQ(reader.state(), State::Reading);
    const auto payload = pair.rng.bytes(i * 100);
    const auto overhead = writer.overhead();
    EXPECT_EQ(overhead, reader.overhead());
    const auto written = *writer.write(payload, pair.rng);
    EXPECT_EQ(written.size(), overhead + payload.size());
    EXPECT_EQ(*reader.read(written), payload);
  }
  EXPECT_EQ(initiator.state(), State::Complete);
  EXPECT_EQ(responder.state(), State::Complete);
  EXPECT_EQ(initiator.hash(), responder.hash());
  auto ours = initiator.split(), theirs = responder.split();
  EXPECT_EQ(initiator.state(), State::Over);
  EXPECT_EQ(initiator.hash(), responder.hash());
  EXPECT_EQ(*theirs.read(ours.write(as_bytes("there"))), to_bytes("there"));
  EXPECT_EQ(*ours.read(theirs.write(as_bytes("and back"))), to_bytes("and back"));
}

TEST_P(EveryPattern, IsAnotherOneEachTime) {
  shake_hands(pair, initiator, responder);
  auto again = pair.initiator(), with = pair.responder();
  shake_hands(pair, again, with);
  EXPECT_NE(initiator.hash(), again.hash());
  auto first = initiator.split();
  EXPECT_FALSE(with.split().read(first.write(as_bytes("in the wrong one"))));
}

TEST_P(EveryPattern, RefusesEveryMessageThatWasTouched) {
  for (std::size_t index = 0; index < messages; ++index) {
    const auto length = message(index).size();
    for (std::size_t i = 0; i < length; ++i) {
      auto touched = message(index);
      touched[i] ^= std::byte{0x80};  // of an ephemeral key's last byte the bit that X25519 does not look at
      auto& reader = reader_of(index);
      ASSERT_FALSE(reader.read(touched)) << "message " << index << ", byte " << i;
      EXPECT_EQ(reader.state(), State::Failed);
      EXPECT_FALSE(reader.peer_static());
    }
  }
}

TEST_P(EveryPattern, RefusesEveryMessageThatWasCutOrGrew) {
  for (std::size_t index = 0; index < messages; ++index) {
    const auto whole = message(index).size();
    for (std::size_t length = 0; length <= whole + 1; ++length) {
      auto written = message(index);
      written.resize(length);
      EXPECT_EQ(reader_of(index).read(written).ok(), length == whole) << "message " << index << ", " << length;
    }
  }
}

TEST_P(EveryPattern, RefusesWhoeverHasAnotherPrologueOrExpectsAnotherKey) {
  const auto first = message(0);
  EXPECT_FALSE(pair.responder("another prologue").read(first));
  pair.responder_keys = X25519KeyPair::random(pair.rng);
  EXPECT_FALSE(pair.responder().read(first));
}

TEST_P(EveryPattern, WritesNothingToAStaticKeyOfSmallOrder) {
  pair.responder_keys.public_key = {};
  auto to_nobody = pair.initiator();
  EXPECT_FALSE(to_nobody.write({}, pair.rng));
  EXPECT_EQ(to_nobody.state(), State::Failed);
}

TEST_P(EveryPattern, FillsAMessageToItsBoundAndReadsNoneBeyond) {
  const Bytes payload(initiator.max_payload());
  auto written = *initiator.write(payload, pair.rng);
  ASSERT_EQ(written.size(), kMaxMessageBytes);
  EXPECT_EQ(*responder.read(written), payload);
  written.push_back({});
  EXPECT_FALSE(pair.responder().read(written));
}

TEST_P(EveryPattern, AbortsWhenMisused) {
  EXPECT_DEATH((void)responder.write({}, pair.rng), "Writing");
  EXPECT_DEATH((void)initiator.read({}), "Reading");
  EXPECT_DEATH((void)initiator.split(), "Complete");
  EXPECT_DEATH((void)initiator.hash(), "Complete");
  EXPECT_DEATH((void)initiator.write(Bytes(initiator.max_payload() + 1), pair.rng), "max_payload");
  ASSERT_FALSE(responder.read({}));
  EXPECT_DEATH((void)responder.read({}), "Reading");
  EXPECT_DEATH(Handshake(GetParam(), Role::Initiator, {}, {pair.initiator_keys, std::nullopt}), "keys");
  EXPECT_DEATH(Handshake(GetParam(), Role::Responder, {}, {}), "mine");
  // A key too many or too few: NK's initiator has none, the others' has one.
  HandshakeKeys wrong{pair.initiator_keys, pair.responder_keys.public_key};
  if (shape_of(GetParam()).initiator_is_known) wrong.mine.reset();
  EXPECT_DEATH(Handshake(GetParam(), Role::Initiator, {}, wrong), "mine");
}

TEST_P(EveryPattern, IsOverWhereItWasMovedFrom) {
  auto moved = std::move(initiator);
  EXPECT_EQ(moved.state(), State::Writing);
  // NOLINTBEGIN(bugprone-use-after-move): what such a mistake meets
  EXPECT_EQ(initiator.state(), State::Over);
  EXPECT_FALSE(initiator.peer_static());
  EXPECT_DEATH((void)initiator.write({}, pair.rng), "Writing");
  EXPECT_DEATH((void)initiator.hash(), "messages");
  initiator = std::move(moved);
  EXPECT_EQ(moved.state(), State::Over);
  // NOLINTEND(bugprone-use-after-move)
  shake_hands(pair, initiator, responder);
  EXPECT_EQ(initiator.peer_static(), pair.responder_keys.public_key);
  auto complete = std::move(initiator);
  EXPECT_DEATH((void)initiator.split(), "Complete");  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(complete.hash(), responder.hash());
  EXPECT_EQ(*responder.split().read(complete.split().write(as_bytes("there"))), to_bytes("there"));
}

std::string name_of(const testing::TestParamInfo<Pattern>& info) {
  return std::string(shape_of(info.param).protocol_name.substr(6, 2));
}
INSTANTIATE_TEST_SUITE_P(Noise, EveryPattern, testing::ValuesIn(kPatterns), name_of);

// The first message of NK or IK made by hand, by somebody who can seal as Noise does but keeps to none of our bounds.
struct ByHand {
  explicit ByHand(const TestPair& pair) : symmetric(shape_of(pair.pattern).protocol_name) {
    symmetric.mix_hash(as_bytes("prologue"));
    symmetric.mix_hash(pair.responder_keys.public_key.view());
  }
  ByHand& e(const X25519PublicKey& key) {
    append(message, key.view());
    symmetric.mix_hash(key.view());
    return *this;
  }
  ByHand& agreed(const SharedSecret& secret) {
    symmetric.mix_key(secret);
    return *this;
  }
  ByHand& sealed(ByteView plaintext) {
    append(message, symmetric.encrypt_and_hash(plaintext));
    return *this;
  }

  SymmetricState symmetric;
  Bytes message;
};

TEST(Noise, RefusesWhatIsTooLongAlsoFromWhoCanSeal) {
  for (const std::size_t excess : {0U, 1U}) {
    TestPair pair(Pattern::NK);
    auto responder = pair.responder();
    const auto ephemeral = X25519KeyPair::random(pair.rng);
    ByHand made(pair);
    made.e(ephemeral.public_key).agreed(*x25519(ephemeral.secret, pair.responder_keys.public_key));
    made.sealed(Bytes(responder.max_payload() + excess));
    ASSERT_EQ(made.message.size(), kMaxMessageBytes + excess);
    EXPECT_EQ(responder.read(made.message).ok(), excess == 0);
  }
}

// With a key of small order everybody knows the secret that is agreed on: zeros, whatever the other key is.
TEST(Noise, RefusesKeysOfSmallOrderThoughEverythingIsSealedRight) {
  const auto zeros = *SharedSecret::from(Bytes(SharedSecret::kBytes));
  TestPair nk(Pattern::NK);
  ByHand ephemeral(nk);
  ephemeral.e({}).agreed(zeros).sealed(as_bytes("payload"));
  EXPECT_FALSE(nk.responder().read(ephemeral.message));

  TestPair ik(Pattern::IK);
  const auto genuine = X25519KeyPair::random(ik.rng);
  ByHand fixed(ik);
  fixed.e(genuine.public_key).agreed(*x25519(genuine.secret, ik.responder_keys.public_key));
  fixed.sealed(X25519PublicKey{}.view()).agreed(zeros).sealed(as_bytes("payload"));
  EXPECT_FALSE(ik.responder().read(fixed.message));
}

TEST(Noise, ShowsAPeerOnlyWhenItIsProven) {
  for (const auto pattern : {Pattern::IK, Pattern::XK}) {
    TestPair pair(pattern);
    auto initiator = pair.initiator(), responder = pair.responder();
    EXPECT_FALSE(responder.peer_static());
    for (std::size_t i = 0; i < message_count(pattern); ++i) {
      auto [writer, reader] = turn(i, initiator, responder);
      const auto message = *writer.write({}, pair.rng);
      if (pattern == Pattern::XK && i < 2) EXPECT_FALSE(responder.peer_static());
      ASSERT_TRUE(reader.read(message));
    }
    EXPECT_EQ(responder.peer_static(), pair.initiator_keys.public_key);
    EXPECT_EQ(initiator.peer_static(), pair.responder_keys.public_key);
  }
}

// Who knows only somebody's public key cannot be that somebody.
TEST(Noise, RefusesAStaticKeyWhoseSecretTheSenderLacks) {
  for (const auto pattern : {Pattern::IK, Pattern::XK}) {
    TestPair pair(pattern);
    pair.initiator_keys.secret = X25519Secret::random(pair.rng);
    auto initiator = pair.initiator(), responder = pair.responder();
    const std::size_t tells = pattern == Pattern::IK ? 0 : 2;  // the message with the static key
    for (std::size_t i = 0; i < tells; ++i) {
      auto [writer, reader] = turn(i, initiator, responder);
      ASSERT_TRUE(reader.read(*writer.write({}, pair.rng)));
    }
    const auto last = *initiator.write({}, pair.rng);
    EXPECT_FALSE(responder.read(last));
    EXPECT_FALSE(responder.peer_static());
  }
}

}  // namespace
}  // namespace footbridge::crypto::noise
