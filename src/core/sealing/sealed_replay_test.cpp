// Everything that was said is said again, by who recorded it: at once, later, to the next process, and in another
// envelope by who has the obfuscation secret.
#include "core/sealing/directory_exchange.hpp"
#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

using crypto::RequestKind;

struct SealedReplay : SealingTest {
  // One of each kind, as they went over the wire.
  std::vector<Bytes> recorded() {
    (void)exchange(client);
    (void)exchange(proxy);
    auto others = make_client();
    SealedAsker of_proxy(secret, broker_key.public_key, proxy_key);
    return {ask(client).bytes, ask(proxy).bytes, ask(others).bytes, ask(of_proxy).bytes,
            seal_directory_question(envelope, now, as_bytes("question"), rng).bytes};
  }
};

TEST_F(SealedReplay, OfSixteenCopiesOneIsTaken) {
  for (const auto& bytes : recorded()) {
    int taken = 0;
    for (int i = 0; i < 16; ++i) taken += open(bytes).ok() ? 1 : 0;
    EXPECT_EQ(taken, 1);
  }
  EXPECT_EQ(refused(SealRefusal::Replayed), 5U * 15);
}

TEST_F(SealedReplay, IsRefusedInEverySecondUntilItIsTooOldAndThenToo) {
  const auto said = recorded();
  for (const auto& bytes : said) EXPECT_TRUE(open(bytes));
  const auto then = now;
  for (; count(now) <= count(then) + 2 * 240 + 1; now = now + 1) {
    for (const auto& bytes : said) EXPECT_FALSE(open(bytes)) << count(now) - count(then) << " s later";
    auto other = make_client();
    EXPECT_TRUE(open(ask(other).bytes)) << "others go on";
  }
  EXPECT_EQ(refused(SealRefusal::Replayed), 5U * 121) << "as long as it could have been taken";
}

// The next process remembers nothing, and still takes nothing that this one took, whatever clock it was stamped by.
TEST_F(SealedReplay, IsRefusedByTheNextProcess) {
  std::vector<Bytes> taken;
  for (std::int64_t wrong = -120; wrong <= 120; ++wrong) {
    for (auto* const key : {&proxy_key, static_cast<crypto::X25519KeyPair*>(nullptr)}) {
      SealedAsker asker(secret, broker_key.public_key, key == nullptr ? std::nullopt : std::optional(*key));
      auto sealed = asker.seal(now, Seconds{wrong}, as_bytes("question"), rng);
      if (open(sealed->bytes)) taken.push_back(sealed->bytes);
    }
    auto question = seal_directory_question(envelope, now + wrong, as_bytes("question"), rng);
    if (open(question.bytes)) taken.push_back(question.bytes);
    (void)exchange(client);
    auto resumed = client.seal(now, Seconds{wrong}, as_bytes("question"), rng);
    if (open(resumed->bytes)) taken.push_back(resumed->bytes);
  }
  EXPECT_EQ(taken.size(), 3U * 131 + 241);
  restart(now);
  for (const auto until = now + 300; count(now) < count(until); now = now + 5)
    for (const auto& bytes : taken) ASSERT_FALSE(open(bytes));
  EXPECT_EQ(broker->opened(), 0U);
  EXPECT_EQ(exchange(proxy), RequestKind::Proxy);
}

TEST_F(SealedReplay, AProcessTakesNoHandshakeInItsFirstSeconds) {
  restart(now);
  EXPECT_FALSE(open(ask(client).bytes));
  now = now + SealedBroker::kFirstAhead.count();
  EXPECT_FALSE(open(ask(client).bytes));
  now = now + 1;
  EXPECT_TRUE(open(ask(client).bytes));
}

// Who has the secret opens the envelope and makes another: with a new stamp, nonce or kind, or just other padding.
TEST_F(SealedReplay, InANewEnvelopeIsRefused) {
  const auto said = recorded();
  for (const auto& bytes : said) {
    const auto inside = *envelope.open_request(bytes);
    if (inside.header.kind == RequestKind::Directory) continue;  // bound to nothing, and worth nothing
    auto stamped = inside.header, drawn = inside.header, named = inside.header;
    stamped.stamp = now + 1;
    drawn.nonce = rng.array<crypto::kAeadNonceBytes>();
    const auto before = refused(SealRefusal::Inside);
    for (const auto& header : {stamped, drawn}) EXPECT_FALSE(open(envelope.seal_request(header, inside.message, rng)));
    for (const auto kind : {RequestKind::Client, RequestKind::Proxy, RequestKind::Resumed}) {
      if (kind == inside.header.kind) continue;
      named.kind = kind;
      EXPECT_FALSE(open(envelope.seal_request(named, inside.message, rng)));
    }
    EXPECT_EQ(refused(SealRefusal::Inside), before + 4);
    EXPECT_TRUE(open(bytes)) << "none of it used the real one up";
    EXPECT_FALSE(open(envelope.seal_request(inside.header, inside.message, rng))) << "only the padding is new";
    EXPECT_FALSE(open(envelope.seal_request(stamped, inside.message, rng)));
  }
}

// Somebody who keeps his own ticket and seals a second request with it.
TEST_F(SealedReplay, ATicketIsGoodOnce) {
  (void)exchange(client);
  auto twin = client;
  EXPECT_TRUE(open(ask(client, "one").bytes));
  EXPECT_FALSE(open(ask(twin, "two").bytes));
  EXPECT_EQ(refused(SealRefusal::Replayed), 1U);
}

TEST_F(SealedReplay, ARefusedRequestCanStillBeTakenWhenItWasNotItsOwnFault) {
  const auto bytes = ask(client).bytes;
  broker->keys() = BrokerKeys();
  EXPECT_FALSE(open(bytes));
  broker->keys().add(broker_key, now);
  EXPECT_TRUE(open(bytes));
}

}  // namespace
}  // namespace footbridge::core
