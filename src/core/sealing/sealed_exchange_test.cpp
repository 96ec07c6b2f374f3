#include <algorithm>

#include "core/sealing/directory_exchange.hpp"
#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

using crypto::RequestKind;
using SealedExchange = SealingTest;

TEST_F(SealedExchange, KnowsAProxyByItsKeyAndAClientNotAtAll) {
  const auto of_proxy = open(ask(proxy).bytes);
  ASSERT_TRUE(of_proxy);
  EXPECT_EQ(of_proxy->kind, RequestKind::Proxy);
  EXPECT_EQ(of_proxy->proxy, proxy_id());
  const auto of_client = open(ask(client).bytes);
  ASSERT_TRUE(of_client);
  EXPECT_EQ(of_client->kind, RequestKind::Client);
  EXPECT_FALSE(of_client->proxy);
}

TEST_F(SealedExchange, NeedsAHandshakeOnlyTheFirstTime) {
  EXPECT_EQ(exchange(client), RequestKind::Client);
  EXPECT_EQ(exchange(proxy), RequestKind::Proxy);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(exchange(client), RequestKind::Resumed);
    EXPECT_EQ(exchange(proxy), RequestKind::Resumed);
    now = now + 60;
  }
}

TEST_F(SealedExchange, KnowsAProxyByItsTicketToo) {
  (void)exchange(proxy);
  (void)exchange(client);
  EXPECT_EQ(open(ask(proxy).bytes)->proxy, proxy_id());
  EXPECT_FALSE(open(ask(client).bytes)->proxy);
}

TEST_F(SealedExchange, CarriesTheLargestBodyBothWaysInEveryKind) {
  const auto largest = rng.bytes(kMaxSealedBodyBytes);
  for (auto* asker : {&client, &proxy, &client, &proxy}) {
    auto asked = asker->seal(now, Seconds{0}, largest, rng);
    ASSERT_TRUE(asked);
    EXPECT_LE(asked->bytes.size(), crypto::kMaxEnvelopeBytes);
    auto opened = open(asked->bytes);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->body, largest);
    const auto bytes = broker->seal(now, std::move(opened->reply), largest);
    EXPECT_LE(bytes.size(), crypto::kMaxEnvelopeBytes);
    const auto heard = asker->open(now, std::move(asked->answer), bytes);
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard, largest);
  }
  EXPECT_DEATH((void)client.seal(now, Seconds{0}, Bytes(kMaxSealedBodyBytes + 1), rng), "kMaxSealedBodyBytes");
}

TEST_F(SealedExchange, AsksForTheDirectoryWithoutAnyKeyOfTheBroker) {
  const auto question = seal_directory_question(envelope, now, as_bytes("question"), rng);
  auto opened = open(question.bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, RequestKind::Directory);
  EXPECT_FALSE(opened->proxy);
  EXPECT_EQ(opened->body, to_bytes("question"));
  const auto bytes = answer(std::move(*opened), "directory");
  EXPECT_EQ(open_directory_answer(envelope, question.nonce, bytes), to_bytes("directory"));
  EXPECT_FALSE(open_directory_answer(envelope, crypto::AeadNonce{}, bytes));
  EXPECT_FALSE(open(question.bytes)) << "a replay is no way to find out that this is a broker";
}

// A parked poll and an errand beside it: each gets its own answer, in any order, and later both have a ticket.
TEST_F(SealedExchange, HasTwoRequestsUnderWayAtOnce) {
  for (int round = 0; round < 3; ++round) {
    auto poll = ask(proxy, "poll"), errand = ask(proxy, "errand");
    auto parked = open(poll.bytes), at_once = open(errand.bytes);
    ASSERT_TRUE(parked && at_once);
    EXPECT_EQ(parked->kind, round == 0 ? RequestKind::Proxy : RequestKind::Resumed);
    const auto to_errand = answer(std::move(*at_once), "thanks"), to_poll = answer(std::move(*parked), "a client");
    EXPECT_EQ(*proxy.open(now, std::move(errand.answer), to_errand), to_bytes("thanks"));
    EXPECT_EQ(*proxy.open(now, std::move(poll.answer), to_poll), to_bytes("a client"));
    EXPECT_EQ(proxy.tickets(), SealedAsker::kMaxTickets);
  }
}

TEST_F(SealedExchange, TakesNoAnswerToAnotherRequest) {
  for (int round = 0; round < 2; ++round) {  // handshakes, then tickets
    auto one = ask(client), two = ask(client);
    auto first = open(one.bytes), second = open(two.bytes);
    ASSERT_TRUE(first && second);
    const auto to_first = answer(std::move(*first)), to_second = answer(std::move(*second));
    EXPECT_FALSE(client.open(now, std::move(one.answer), to_second));
    EXPECT_FALSE(client.open(now, std::move(two.answer), to_first));
    (void)exchange(client);
    (void)exchange(client);
  }
}

TEST_F(SealedExchange, CostsOneRequestAfterTheBrokerWasRestarted) {
  auto waiting = ask(proxy);
  (void)exchange(proxy);
  auto parked = open(waiting.bytes);
  ASSERT_TRUE(parked);
  (void)proxy.open(now, std::move(waiting.answer), answer(std::move(*parked)));
  ASSERT_EQ(proxy.tickets(), 2U);
  restart(now);
  now = now + (SealedBroker::kFirstAhead.count() + 1);
  EXPECT_EQ(exchange(proxy), std::nullopt);
  EXPECT_EQ(proxy.tickets(), 0U) << "the other one is of no use either";
  EXPECT_EQ(exchange(proxy), RequestKind::Proxy);
  EXPECT_EQ(exchange(proxy), RequestKind::Resumed);
}

TEST_F(SealedExchange, IsBlockedWhileTheClockIsBeforeTheStart) {
  now = kStart + -1;
  EXPECT_TRUE(broker->blocked(now));
  EXPECT_EQ(exchange(client), std::nullopt);
  EXPECT_TRUE(broker->blocked(kStart + -86'400));
  EXPECT_FALSE(broker->blocked(kStart));
  now = kStart + (SealedBroker::kFirstAhead.count() + 1);
  EXPECT_FALSE(broker->blocked(now));
  EXPECT_EQ(exchange(client), RequestKind::Client);
}

TEST_F(SealedExchange, LosesOnlyTheTicketOfARequestThatGotLost) {
  (void)exchange(client);
  (void)ask(client);  // nobody ever hears of it
  EXPECT_EQ(client.tickets(), 0U);
  EXPECT_EQ(exchange(client), RequestKind::Client);
  EXPECT_EQ(exchange(client), RequestKind::Resumed);
}

TEST_F(SealedExchange, UsesATicketForAnHourAndTheBrokerTakesItAsLong) {
  for (const std::uint64_t rest : {0U, 1U, 1800U, 3599U}) {  // wherever in the hour it was made
    now = UnixSeconds{count(now) / 3600 * 3600 + 3600 + rest};
    client.forget_tickets();
    EXPECT_EQ(exchange(client), RequestKind::Client);
    now = now + (SealedAsker::kTicketLife.count() - 1);
    EXPECT_EQ(exchange(client), RequestKind::Resumed) << rest;
    now = now + SealedAsker::kTicketLife.count();
    EXPECT_EQ(exchange(client), RequestKind::Client) << rest;
  }
}

TEST_F(SealedExchange, RenewsTicketsForAWhileAndThenAgreesAnew) {
  (void)exchange(client);
  const auto begun = now;
  int resumed = 0;
  for (; resumed < 100 && exchange(client) == RequestKind::Resumed; now = now + 600) ++resumed;
  EXPECT_EQ(count(now) - count(begun), static_cast<std::uint64_t>(SealedBroker::kMostRenewals.count()) + 600);
  EXPECT_EQ(resumed, 25);
  EXPECT_EQ(exchange(client), RequestKind::Resumed) << "and that, too, costs no request";
}

TEST_F(SealedExchange, TakesTheKeysBeforeTheNewestAndNoOlder) {
  const auto second = crypto::X25519KeyPair::random(rng), third = crypto::X25519KeyPair::random(rng);
  const auto fourth = crypto::X25519KeyPair::random(rng);
  broker->keys().add(second, now);
  EXPECT_TRUE(open(ask(client).bytes));
  EXPECT_TRUE(open(ask(proxy).bytes));
  SealedAsker newer(secret, second.public_key, std::nullopt);
  EXPECT_EQ(exchange(newer), RequestKind::Client);
  broker->keys().add(third, now);
  broker->keys().add(fourth, now);
  EXPECT_FALSE(open(ask(client).bytes));
  EXPECT_EQ(exchange(newer), RequestKind::Resumed) << "a ticket needs no key";
}

TEST_F(SealedExchange, AnswersWhatWaitedWhileItsKeyWasForgotten) {
  auto asked = ask(client);
  auto opened = open(asked.bytes);
  ASSERT_TRUE(opened);
  now = now + 3 * 86'400;
  EXPECT_FALSE(open(ask(proxy).bytes)) << "the key is gone";
  const auto heard = client.open(now, std::move(asked.answer), answer(std::move(*opened)));
  EXPECT_TRUE(heard);
}

TEST_F(SealedExchange, IsOpenToAskersWhoseClocksAreWrongIfTheyKnowByHowMuch) {
  for (const std::int64_t wrong : {-86'400, -3600, -121, 11, 3600, 86'400}) {
    auto asker = make_client();
    const auto theirs = now + wrong;
    EXPECT_FALSE(open(asker.seal(theirs, Seconds{0}, as_bytes("question"), rng)->bytes)) << wrong;
    EXPECT_TRUE(open(asker.seal(theirs, Seconds{-wrong}, as_bytes("question"), rng)->bytes)) << wrong;
  }
  for (const auto odd : {Seconds::min(), Seconds::max()})  // what an offset makes of a clock is the network's word
    EXPECT_FALSE(open(client.seal(now, odd, as_bytes("question"), rng)->bytes));
}

TEST_F(SealedExchange, ForgetsWhoItWasWhenItIsToldTo) {
  (void)exchange(client);
  client.forget_tickets();
  EXPECT_EQ(exchange(client), RequestKind::Client);
}

// Behind the envelope, where whoever carries bodies and has the secret can look: the ticket that a request shows was in
// no answer before, nor its keys; who asks again cannot be told by it.
TEST_F(SealedExchange, NoTicketIsSeenBeforeItIsUsed) {
  Bytes heard;
  for (int i = 0; i < 4; ++i) {
    auto asked = ask(client);
    const auto inside = *envelope.open_request(asked.bytes);
    if (inside.header.kind == RequestKind::Resumed) {
      const auto shown = ByteView(inside.message).first(crypto::kResumptionTicketBytes);
      for (std::size_t at = 0; at + 8 <= shown.size(); ++at)
        EXPECT_TRUE(std::ranges::search(heard, shown.subspan(at, 8)).empty()) << at;
    }
    const auto bytes = answer(std::move(*open(asked.bytes)));
    append(heard, *envelope.open_response(inside.header.nonce, bytes));
    ASSERT_TRUE(client.open(now, std::move(asked.answer), bytes));
  }
}

TEST_F(SealedExchange, ParksWithLittleMemory) {
  EXPECT_LE(sizeof(OpenedRequest), 1536U) << "10,000 parked polls are 12 KiB each at most, body and socket included";
}

}  // namespace
}  // namespace footbridge::core
