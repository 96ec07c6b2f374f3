// What an operator reads of a broker.
#include "programs/broker/broker_metrics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

#include "crypto/system_rng.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::broker {
namespace {

struct Counted {
  asio::io_context loop{1};
  crypto::SystemRng rng;
  observe::Registry registry;
  BrokerDoor door{loop.get_executor(), config(), rng};

  Counted() { add_metrics(registry, door); }

  static core::BrokerConfig config() {
    core::BrokerConfig out;
    out.egresses.push_back({{}, Private<std::string>("ws://192.0.2.9/"), crypto::SecretKey::from(Bytes(32)).value()});
    return out;
  }
  // What has come of it when nothing is left to be done; `got` stays empty while it waits.
  void post(decltype(wire::Request::body) body, std::optional<wire::Response>& got) {
    http::Request request;
    request.method = "POST";
    request.peer = Private(Endpoint{IpAddress::parse("192.0.2.1").value(), 40'000});
    request.body = wire::encode_request({.body = std::move(body)});
    asio::co_spawn(loop, door.handle(std::move(request)),
                   [&](const std::exception_ptr&, const http::Response& response) {
                     if (auto parsed = wire::parse_response(response.body)) got = std::move(*parsed);
                   });
    loop.restart();
    loop.poll();
  }
  bool shows(const std::string& sample) const {
    return registry.expose().find("\n" + sample + "\n") != std::string::npos;
  }
  std::string status() const {
    StatusReport report;
    tell_status(report, door, 3, "slots_per_prefix=4");
    return report.json();
  }
};

wire::Poll poll_of(const ProxyId& id) {
  wire::Poll poll;
  poll.proxy = id;
  poll.compartments = {wire::kCommonCompartment};
  poll.slots = 1;
  poll.wait = Seconds{25};
  poll.nat = {wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::AddressAndPortDependent};
  return poll;
}

TEST(BrokerMetrics, ShowWhoWaitsBehindWhatAndWhatBecameOfAnOffer) {
  Counted test;
  std::optional<wire::Response> polled;
  std::optional<wire::Response> offered;
  std::optional<wire::Response> errand;
  const auto id = ProxyId::random(test.rng);
  test.post(poll_of(id), polled);
  EXPECT_TRUE(test.shows("footbridge_broker_waiting_proxies{nat=\"moderate\"} 1"));
  EXPECT_TRUE(test.shows("footbridge_broker_waiting_proxies{nat=\"open\"} 0"));

  wire::Offer offer;
  offer.self_tag = SelfTag::random(test.rng);
  offer.compartment = wire::kCommonCompartment;
  offer.sdps.emplace_back("offer");
  offer.wait = Seconds{25};
  test.post(offer, offered);
  ASSERT_TRUE(polled);
  EXPECT_TRUE(test.shows("footbridge_broker_waiting_proxies{nat=\"moderate\"} 0"));
  EXPECT_TRUE(test.shows("footbridge_broker_match_wait_seconds_count 0"));

  auto answer = poll_of(id);
  answer.slots = 0;
  answer.answers.push_back({std::get<wire::PollReply>(polled->body).assignments.at(0).match, wire::Sdp("answer")});
  test.post(answer, errand);
  ASSERT_TRUE(offered);
  EXPECT_TRUE(test.shows("footbridge_broker_match_wait_seconds_count 1"));
  EXPECT_TRUE(test.shows("footbridge_broker_matches_total{outcome=\"matched\"} 1"));
  EXPECT_TRUE(test.shows("footbridge_broker_matches_total{outcome=\"no-proxy\"} 0"));
  EXPECT_TRUE(test.shows("footbridge_broker_matches_total{outcome=\"no-answer\"} 0"));
}

TEST(BrokerMetrics, SayWhyNobodyIsHelped) {
  Counted test;
  EXPECT_NE(test.status().find("\"idle\":\"no-volunteer\""), std::string::npos) << test.status();
  std::optional<wire::Response> polled;
  test.post(poll_of(ProxyId::random(test.rng)), polled);
  EXPECT_EQ(test.status().find("idle"), std::string::npos) << test.status();
  EXPECT_NE(test.status().find("\"waiting_proxies\":1"), std::string::npos);
  EXPECT_NE(test.status().find("\"limits\":\"slots_per_prefix=4\""), std::string::npos);
  test.door.drain();
  test.loop.poll();
}

}  // namespace
}  // namespace footbridge::broker
