// What the broker's door learns of who asks, and what it does not.
#include "programs/broker/broker_door.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string_view>

#include "crypto/system_rng.hpp"
#include "io/test_scope.hpp"
#include "ops/geo/geoip_text.hpp"

namespace footbridge::broker {
namespace {

struct Door {
  asio::io_context loop{1};
  crypto::SystemRng rng;
  BrokerDoor door{loop.get_executor(), config(), rng};

  static core::BrokerConfig config() {
    core::BrokerConfig out;
    out.egresses.push_back({{}, Private<std::string>("ws://192.0.2.9/"), crypto::SecretKey::from(Bytes(32)).value()});
    return out;
  }

  // A request that the broker answers at once: who sent it is looked at before what it says.
  http::Response ask(std::string_view address, Bytes body) {
    http::Request request;
    request.method = "POST";
    request.peer = Private(Endpoint{IpAddress::parse(address).value(), 40'000});
    request.body = std::move(body);
    http::Response got;
    asio::co_spawn(loop, door.handle(std::move(request)),
                   [&](const std::exception_ptr& error, http::Response response) {
                     EXPECT_FALSE(error);
                     got = std::move(response);
                   });
    loop.restart();
    loop.run();
    return got;
  }
  void ask_from(std::string_view address) {
    EXPECT_EQ(ask(address, to_bytes("nonsense")).status, 404U) << "who does not speak as we do sees a web site";
  }
};

TEST(BrokerDoor, LetsPagesReadAnswersAndTellsNobodyElseThatItDoes) {
  const std::pair<std::string, std::string> wanted{"Access-Control-Allow-Origin", "*"};
  Door test;
  const wire::Poll poll{.compartments = {wire::kCommonCompartment}};
  const auto answer = test.ask("192.0.2.1", wire::encode_request({.body = poll}));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.headers, testing::Contains(wanted));
  EXPECT_THAT(test.ask("192.0.2.1", to_bytes("nonsense")).headers, testing::Not(testing::Contains(wanted)));
}

TEST(BrokerDoor, KnowsCountriesFromWhenItHasThem) {
  Door test;
  test.ask_from("192.0.2.1");
  EXPECT_EQ(test.door.located().known, 0U);
  EXPECT_EQ(test.door.located().unknown, 1U);

  ops::CountryTable countries;
  ASSERT_TRUE(ops::parse_geoip("3221225984,3221226239,IS\n2001:db8::,2001:db8::ff,IS\n", countries).ok());
  test.door.set_countries(std::move(countries));
  for (const auto* address : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"}) test.ask_from(address);
  EXPECT_EQ(test.door.located().known, 3U);
  for (const auto* address : {"198.51.100.1", "127.0.0.1", "2001:db8:1::"}) test.ask_from(address);
  EXPECT_EQ(test.door.located().known, 3U);
  EXPECT_EQ(test.door.located().unknown, 4U);

  test.door.set_countries({});  // a reload without data
  test.ask_from("192.0.2.1");
  EXPECT_EQ(test.door.located().known, 3U);
}

}  // namespace
}  // namespace footbridge::broker
