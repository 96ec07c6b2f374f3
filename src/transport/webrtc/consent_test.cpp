// Consent on virtual time: two ends that ask each other, and strangers that get nothing.
#include "transport/webrtc/consent.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace footbridge::webrtc {
namespace {

IceCredentials credentials(const char* ufrag, const char* pwd) {
  return {Private(std::string(ufrag)), Private(std::string(pwd))};
}
IceCredentials ours() { return credentials("evtj", "VOkJxbRl1RmTxUk/WvJxBt"); }
IceCredentials theirs() { return credentials("h6vY", "another password of theirs"); }

ConsentTerms terms(bool controlling = true) {
  return {ours(), theirs(), controlling, Private(*Endpoint::parse("192.0.2.1:32853"))};
}
ConsentTerms mirrored() { return {theirs(), ours(), false, Private(*Endpoint::parse("192.0.2.2:1024"))}; }

// RFC 5769 §2.1: made by somebody else, with our password.
Bytes request_of_rfc5769() {
  return *parse_hex(
      "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1"
      "51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");
}

struct ConsentTest : testing::Test {
  // Until the next question, in steps of a tick; nullopt: it is lost.
  std::optional<Bytes> next_question(Consent& consent) {
    for (;; now += Millis(10)) {
      if (consent.lost(now)) return std::nullopt;
      if (auto question = consent.poll(now)) return question;
    }
  }
  SeededRng rng{1};
  TimePoint now{};
};

TEST_F(ConsentTest, AnswersTheRequestOfRfc5769) {
  Consent consent(terms(), rng, now);
  const auto answer = consent.on_message(now, request_of_rfc5769());
  ASSERT_TRUE(answer.has_value());
  const auto parsed = wire::parse_stun(*answer);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->kind, wire::StunKind::Success);
  EXPECT_EQ(parsed->transaction, wire::parse_stun(request_of_rfc5769())->transaction);
}

TEST_F(ConsentTest, AnswersNobodyElse) {
  const auto request = request_of_rfc5769();
  auto other_password = terms();
  other_password.local.pwd = Private(std::string("VOkJxbRl1RmTxUk/WvJxBu"));
  EXPECT_FALSE(Consent(other_password, rng, now).on_message(now, request));
  auto other_name = terms();
  other_name.remote.ufrag = Private(std::string("h6vZ"));
  EXPECT_FALSE(Consent(other_name, rng, now).on_message(now, request));
  for (std::size_t i = 0; i < request.size(); ++i) {
    auto damaged = request;
    damaged[i] ^= std::byte{1};
    EXPECT_FALSE(Consent(terms(), rng, now).on_message(now, damaged)) << i;
  }
}

TEST_F(ConsentTest, AsksEveryFourToSixSecondsWhileItIsAnswered) {
  Consent consent(terms(), rng, now);
  Consent other(mirrored(), rng, now);
  for (int round = 0; round < 50; ++round) {
    const auto before = now;
    const auto question = next_question(consent);
    ASSERT_TRUE(question.has_value());
    EXPECT_GE(now - before, kConsentIntervalMin);
    EXPECT_LE(now - before, kConsentIntervalMax + Millis(10));
    const auto answer = other.on_message(now, *question);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(consent.on_message(now, *answer).has_value()) << "an answer is not answered";
  }
}

TEST_F(ConsentTest, IsLostTenSecondsAfterTheLastAnswer) {
  Consent consent(terms(), rng, now);
  std::size_t questions = 0;
  while (next_question(consent)) ++questions;
  EXPECT_GE(questions, kConsentQuestions);
  EXPECT_GE(now - TimePoint{}, kConsentLimit);
  EXPECT_LE(now - TimePoint{}, kConsentLimit + Millis(10));
}

TEST_F(ConsentTest, SurvivesOneAnswerOutOfThree) {
  Consent consent(terms(), rng, now);
  Consent other(mirrored(), rng, now);
  for (int i = 0; i < 100; ++i) {
    const auto question = next_question(consent);
    ASSERT_TRUE(question.has_value()) << i;
    if (i % 3 == 2) consent.on_message(now, *other.on_message(now, *question));
  }
}

TEST_F(ConsentTest, GivesTheOtherSideItsChanceAfterAPauseOfThisProcess) {
  Consent consent(terms(), rng, now);
  Consent other(mirrored(), rng, now);
  now += Seconds(60);
  EXPECT_FALSE(consent.lost(now));
  const auto question = consent.poll(now);
  ASSERT_TRUE(question.has_value());
  EXPECT_FALSE(consent.lost(now));
  consent.on_message(now, *other.on_message(now, *question));
  now += kConsentIntervalMin - Millis(1);
  EXPECT_FALSE(consent.lost(now));
  EXPECT_FALSE(consent.poll(now).has_value()) << "answered: the next question has its time";
}

TEST_F(ConsentTest, CountsNoAnswerTwiceAndNoForgedOne) {
  Consent consent(terms(), rng, now);
  Consent other(mirrored(), rng, now);
  const auto answer = other.on_message(now, *next_question(consent));
  ASSERT_TRUE(answer.has_value());
  auto forged = *answer;
  forged[forged.size() - 20] ^= std::byte{1};
  consent.on_message(now, *answer);
  const auto answered_at = now;
  while (next_question(consent)) {
    consent.on_message(now, *answer);
    consent.on_message(now, forged);
  }
  EXPECT_LE(now - answered_at, kConsentLimit + Millis(10));
}

}  // namespace
}  // namespace footbridge::webrtc
