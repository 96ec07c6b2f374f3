// Test vectors that another implementation wrote (tests/interop/noise/sealing_dissononce.py): whole conversations, byte
// for byte at both ends, with chance that is written down.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "base/encoding.hpp"
#include "core/sealing/directory_exchange.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"

namespace footbridge::core {
namespace {

using Json = nlohmann::json;

// Says what it was told to say, once.
class WrittenDown final : public Rng {
 public:
  void then(const Bytes& more) { append(rest_, more); }
  bool is_used_up() const { return rest_.empty(); }
  void fill(ByteSpan out) override {
    FB_ASSERT(out.size() <= rest_.size());
    std::copy_n(rest_.begin(), out.size(), out.begin());
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(out.size()));
  }

 private:
  Bytes rest_;
};

Bytes field(const Json& from, const char* name) { return parse_hex(from.at(name).get<std::string>()).value(); }
UnixSeconds time(const Json& from, const char* name) { return UnixSeconds{from.at(name).get<std::uint64_t>()}; }
crypto::SecretKey secret(const Json& from) { return *crypto::SecretKey::from(field(from, "secret")); }
crypto::X25519KeyPair pair(const Json& from, const char* name) {
  return crypto::X25519KeyPair::from(*crypto::X25519Secret::from(field(from, name)));
}

Json vectors() {
  std::ifstream file(std::string(FB_SOURCE_DIR) + "/tests/vectors/sealing.json");
  return Json::parse(file);
}

TEST(SealingVectors, BothEndsOfAConversationSayExactlyThat) {
  std::size_t exchanges = 0;
  const auto conversations = vectors().at("conversations");
  for (const auto& vector : conversations) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    WrittenDown brokers, askers;
    brokers.then(field(vector, "start_draws"));
    SealedBroker broker(secret(vector), time(vector, "started"), brokers);
    const auto key = pair(vector, "broker");
    const auto now = time(vector, "now");
    broker.keys().add(key, now);
    const auto proxy = vector.contains("proxy") ? std::optional(pair(vector, "proxy")) : std::nullopt;
    SealedAsker asker(secret(vector), key.public_key, proxy);
    for (const auto& step : vector.at("exchanges")) {
      SCOPED_TRACE(++exchanges);
      askers.then(field(step, "asker_draws"));
      brokers.then(field(step, "broker_draws"));
      auto sealed = asker.seal(time(step, "stamp"), Seconds{0}, field(step, "body"), askers);
      ASSERT_TRUE(sealed);
      EXPECT_EQ(sealed->bytes, field(step, "request"));
      auto opened = broker.open(now, field(step, "request"));
      ASSERT_TRUE(opened);
      EXPECT_EQ(static_cast<int>(opened->kind), step.at("kind").get<int>());
      EXPECT_EQ(opened->body, field(step, "body"));
      EXPECT_EQ(opened->proxy, proxy ? ProxyId::from(proxy->public_key.view()) : std::nullopt);
      EXPECT_EQ(broker.seal(now, std::move(opened->reply), field(step, "answer")), field(step, "response"));
      // The ticket is used by the stamp of the next step, which may lie before: it has to be got before that.
      const auto heard = asker.open(UnixSeconds{count(now) - 200}, std::move(sealed->answer), field(step, "response"));
      ASSERT_TRUE(heard);
      EXPECT_EQ(*heard, field(step, "answer"));
      EXPECT_TRUE(askers.is_used_up() && brokers.is_used_up());
    }
  }
  EXPECT_EQ(exchanges, 5U);
}

TEST(SealingVectors, TheDirectoryIsAskedForExactlyLikeThat) {
  const auto vector = vectors().at("directory");
  WrittenDown draws;
  draws.then(field(vector, "asker_draws"));
  const crypto::Envelope envelope(secret(vector));
  const auto question = seal_directory_question(envelope, time(vector, "stamp"), field(vector, "body"), draws);
  EXPECT_EQ(question.bytes, field(vector, "request"));
  draws.then(field(vector, "broker_draws"));
  EXPECT_EQ(envelope.seal_response(question.nonce, field(vector, "answer"), draws), field(vector, "response"));
  EXPECT_EQ(open_directory_answer(envelope, question.nonce, field(vector, "response")), field(vector, "answer"));
}

TEST(SealingVectors, WhatIsWrongInOneThingIsRefusedAndTheRightOneTaken) {
  const auto vector = vectors().at("refused");
  SeededRng rng(1);
  SealedBroker broker(secret(vector), time(vector, "started"), rng);
  broker.keys().add(pair(vector, "broker"), time(vector, "now"));
  for (const auto& [name, bytes] : vector.at("cases").items())
    EXPECT_FALSE(broker.open(time(vector, "now"), parse_hex(bytes.get<std::string>()).value())) << name;
  EXPECT_EQ(vector.at("cases").size(), 11U);
  EXPECT_TRUE(broker.open(time(vector, "now"), field(vector, "taken")));
}

}  // namespace
}  // namespace footbridge::core
