// What a bridge line may say, and what is said about one that is wrong.
#include "programs/client/network_settings.hpp"

#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <utility>

namespace footbridge::client {
namespace {

using Line = std::initializer_list<std::pair<const char*, std::string>>;

const std::string kPinA(64, 'a');
const std::string kPinB(64, 'b');
const std::string kBroker = "http://127.0.0.1:8900/";

ops::Pin pin(const std::string& hex) { return ops::ValueType<ops::Pin>::parse(hex).value(); }

Result<NetworkSettings, WrongArgument> settings(Line line, const ConnectOptions& options = {}, bool joined = false) {
  wire::PtArguments arguments;
  for (const auto& [key, value] : line) arguments.emplace(key, Private(value));
  return network_settings(options, options.egress_pin, arguments, joined);
}

ConnectOptions configured() {
  ConnectOptions options;
  options.ways.broker.assign(1, Private(ops::ValueType<ops::HttpUrl>::parse("http://127.0.0.1:1/").value()));
  options.egress_pin = {pin(kPinB)};
  return options;
}

TEST(NetworkSettings, NeedNothingButABrokerAndAPinOnTheLine) {
  const auto got = settings({{"broker", kBroker}, {"pin", kPinA}});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->brokers.front().url.port, 8900);
  EXPECT_EQ(got->pins.reveal_to_socket(), std::vector{pin(kPinA)});
  EXPECT_EQ(got->paths, ConnectOptions{}.paths);
}

TEST(NetworkSettings, TakeFromTheOptionsWhatTheLineDoesNotSay) {
  const auto got = settings({{"paths", "1"}, {"idle-after", "2m"}}, configured());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->brokers.front().url.port, 1);
  EXPECT_EQ(got->pins.reveal_to_socket(), std::vector{pin(kPinB)});
  EXPECT_EQ(got->paths, 1U);
  EXPECT_EQ(got->idle_after, Millis(120'000));
}

TEST(NetworkSettings, LetTheLineWinOverTheOptions) {
  const auto got = settings({{"broker", kBroker}, {"pin", kPinA}}, configured());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->brokers.front().url.port, 8900);
  EXPECT_EQ(got->pins.reveal_to_socket(), std::vector{pin(kPinA)}) << "a key from torrc is not trusted for this line";
}

TEST(NetworkSettings, AreTheJoinedNetworkWhereNobodyNamesBrokerOrKey) {
  const auto got = settings({{"paths", "2"}}, {}, /*joined=*/true);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->joined);
  EXPECT_EQ(got->paths, 2U);
  EXPECT_FALSE(settings({{"pin", kPinA}}, {}, true)) << "a key without its broker";
  EXPECT_FALSE(settings({{"broker", kBroker}}, {}, true)) << "nor the other way round";
  EXPECT_FALSE(settings({}, configured(), true)->joined);
}

TEST(NetworkSettings, AreTheSameHoweverTheLineIsWritten) {
  const auto a = settings({{"broker", "http://127.0.0.1:8900"}, {"pin", kPinA + "," + kPinB}});
  const auto b = settings({{"broker", "http://127.0.0.1:8900/"}, {"pin", kPinB + "," + kPinA + "," + kPinB}});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(*a, *b);
  for (const auto& other : {settings({{"broker", "http://127.0.0.1:8901/"}, {"pin", kPinA + "," + kPinB}}),
                            settings({{"broker", "http://127.0.0.1:8900/x"}, {"pin", kPinA + "," + kPinB}}),
                            settings({{"broker", kBroker}, {"pin", kPinA}}),
                            settings({{"broker", kBroker}, {"pin", kPinA + "," + kPinB}, {"paths", "2"}})}) {
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other == *a);
  }
}

TEST(NetworkSettings, RefuseWhatIsWrongByNameAndNeverRepeatIt) {
  const std::string secret = "s3cret";
  struct Case {
    const char* key;
    std::string value;
    const char* expected;
  };
  for (const auto& [key, value, expected] :
       std::initializer_list<Case>{{"broker", secret, "broker= is wrong: write https://"},
                                   {"broker", "ws://127.0.0.1/" + secret, "broker= is wrong: write https://"},
                                   {"broker", "http://" + secret + ".example/",
                                    "broker= is wrong: http:// is for a broker on this machine only"},
                                   {"pin", secret, "pin= is wrong: give the SHA-256"},
                                   {"pin", "", "pin= is wrong"},
                                   {"pin", kPinA + ",", "pin= is wrong"},
                                   {"pin", kPinA + "," + secret, "pin= is wrong"},
                                   {"paths", "0", "paths= is wrong: it needs a whole number from 1 to 8"},
                                   {"paths", "9", "paths= is wrong"},
                                   {"idle-after", "60", "idle-after= is wrong: it needs a duration with its unit"},
                                   {"idle-after", "2h", "idle-after= is wrong"},
                                   {"url", secret, "an argument url= that it cannot have: it takes broker=, pin="},
                                   {"stun", secret, "options belong on the ClientTransportPlugin line"}}) {
    auto line = Line{{"broker", kBroker}, {"pin", kPinA}};
    wire::PtArguments arguments;
    for (const auto& [k, v] : line) arguments.emplace(k, Private(v));
    arguments.insert_or_assign(key, Private(value));
    const auto got = network_settings({}, {}, arguments);
    ASSERT_FALSE(got) << key << "=" << value;
    EXPECT_NE(got.error().sentence.find(expected), std::string::npos) << got.error().sentence;
    EXPECT_EQ(got.error().sentence.find(secret), std::string::npos) << got.error().sentence;
  }
}

TEST(NetworkSettings, DoNotRepeatAKeyThatMightBeALostValue) {
  const auto got = settings({{kPinA.c_str(), "1"}, {"broker", kBroker}, {"pin", kPinA}});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().sentence.find(kPinA), std::string::npos);
}

TEST(NetworkSettings, SayWhatIsMissingAndWhereItMayStand) {
  const auto no_broker = settings({{"pin", kPinA}});
  ASSERT_FALSE(no_broker);
  EXPECT_NE(no_broker.error().sentence.find("add broker= to the bridge line, or --broker"), std::string::npos);
  const auto no_pin = settings({{"broker", kBroker}});
  ASSERT_FALSE(no_pin);
  EXPECT_NE(no_pin.error().sentence.find("add pin= to the bridge line, or --egress-pin"), std::string::npos);
}

}  // namespace
}  // namespace footbridge::client
