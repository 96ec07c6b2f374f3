// UDP flows between a client and an egress that hear each other at once, or not at all: opening, refusals, limits and
// ends, with time as a variable.
#include "core/egress/egress_flows.hpp"

#include <gtest/gtest.h>
#include <set>

#include "core/session/client_flows.hpp"

namespace footbridge::core {
namespace {

using wire::Destination;
using wire::FlowStatus;
using Verdict = FlowVerdict;

const IpAddress kSomewhere = IpAddress::v4(0xc0000201);
const Destination kResolver{kSomewhere, 53};
const Destination kSite{kSomewhere, 443};
const Destination kNamedSite{std::string("site.example"), 443};
constexpr AssociationId kApp{1};

class FlowEnds : public testing::Test {
 protected:
  Verdict send(const Destination& to, std::string_view payload = "question", AssociationId from = kApp) {
    const auto verdict = client.send(now, from, to, as_bytes(payload));
    settle();
    return verdict;
  }
  void answer(FlowId flow, std::string_view payload = "answer") {
    egress.on_packet(now, flow, as_bytes(payload));
    settle();
  }
  void pass(Duration time) {
    now += time;
    client.on_deadline(now);
    egress.on_deadline(now);
    settle();
  }
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      while (const auto said = client.poll()) {
        moved = true;
        if (said->message[0] == std::byte{1}) ++opens;
        if (!client_is_cut) egress.on_message(now, said->flow, said->message);
      }
      while (auto output = egress.poll()) {
        moved = true;
        take(*output);
      }
    }
  }
  void take(EgressFlows::Output& output) {
    if (const auto* open = std::get_if<EgressFlows::Open>(&output)) {
      sockets.insert(open->flow);
      opened.push_back(open->flow);
      if (refuse)
        egress.on_refused(now, open->flow, *refuse);
      else if (connects)
        egress.on_opened(now, open->flow, {kSomewhere, open->to.reveal_to_socket().port});
    } else if (const auto* sent = std::get_if<EgressFlows::Send>(&output)) {
      EXPECT_TRUE(sockets.contains(sent->flow)) << "sent on a socket that is closed";
      left.push_back(to_string(sent->payload));
    } else if (const auto* close = std::get_if<EgressFlows::Close>(&output)) {
      EXPECT_EQ(sockets.erase(close->flow), 1U);
    } else if (const auto* dropped = std::get_if<EgressFlows::Dropped>(&output)) {
      drops.push_back(dropped->why);
    } else if (const auto* told = std::get_if<EgressFlows::Tell>(&output); told != nullptr && !egress_is_cut) {
      const auto event = client.on_message(now, told->flow, told->message);
      if (const auto* packet = std::get_if<ClientFlows::Packet>(&event)) {
        const auto& from = packet->from.reveal_to_socket();
        got.push_back(std::get<IpAddress>(from.host).to_text() + ":" + std::to_string(from.port) + " " +
                      to_string(packet->payload));
      }
      if (const auto* refusal = std::get_if<ClientFlows::Refusal>(&event)) refusals.push_back(refusal->why);
    }
  }

  TimePoint now{Seconds{1'000}};
  SeededRng rng{1};
  ClientFlows client{rng};
  EgressFlows egress{rng};
  bool connects = true, client_is_cut = false, egress_is_cut = false;
  std::optional<FlowStatus> refuse;
  std::set<FlowId> sockets;
  std::vector<FlowId> opened;
  std::vector<std::string> left, got;
  std::vector<FlowDrop> drops;
  std::vector<FlowStatus> refusals;
  std::size_t opens = 0;
};

TEST_F(FlowEnds, CarryAQuestionAndItsAnswer) {
  EXPECT_EQ(send(kResolver), Verdict::Sent);
  EXPECT_EQ(left, std::vector<std::string>{"question"});
  answer(opened.at(0));
  EXPECT_EQ(got, std::vector<std::string>{"192.0.2.1:53 answer"});
  send(kResolver, "");
  EXPECT_EQ(left.size(), 2U) << "a packet may be empty";
  EXPECT_EQ(opens, 1U) << "the egress was heard";
}

TEST_F(FlowEnds, AnswersOfANameCarryTheAddressTheyCameFrom) {
  send(kNamedSite);
  send(kNamedSite);
  EXPECT_EQ(opens, 2U) << "until an answer tells the address";
  answer(opened.at(0));
  send(kNamedSite);
  answer(opened.at(0), "again");
  EXPECT_EQ(opens, 2U);
  EXPECT_EQ(got, (std::vector<std::string>{"192.0.2.1:443 answer", "192.0.2.1:443 again"}));
}

TEST_F(FlowEnds, OpenUntilTheEgressWasHeard) {
  egress_is_cut = true;
  for (int i = 0; i < 3; ++i) send(kSite), pass(kTellAgain);
  EXPECT_EQ(opens, 3U);
  EXPECT_EQ(opened.size(), 1U) << "one socket all the same";
  egress_is_cut = false;
  send(kSite);
  send(kSite);
  EXPECT_EQ(opens, 4U) << "an OPEN that comes again is answered again";
  EXPECT_EQ(left.size(), 5U);
}

TEST_F(FlowEnds, WhatComesBeforeTheSocketIsKeptInOrderAndBounded) {
  connects = false;
  for (int i = 0; i < 30; ++i) send(kSite, std::string(3'000, static_cast<char>('a' + i)));
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(drops, std::vector<FlowDrop>(30 - kMaxWaitingBytes / 3'000, FlowDrop::Waiting));
  egress.on_opened(now, opened.at(0), {kSomewhere, 443});
  settle();
  ASSERT_EQ(left.size(), kMaxWaitingBytes / 3'000);
  EXPECT_EQ(left[1][0], 'b');
}

TEST_F(FlowEnds, ARefusalIsToldAndKeptForAWhile) {
  refuse = FlowStatus::Policy;
  send(kSite);
  EXPECT_EQ(refusals, std::vector<FlowStatus>{FlowStatus::Policy});
  EXPECT_EQ(send(kSite), Verdict::Refused);
  EXPECT_EQ(opened.size(), 1U) << "nobody is asked again at once";
  EXPECT_TRUE(sockets.empty());
  refuse.reset();
  pass(kFlowRefusedFor);
  EXPECT_EQ(send(kSite), Verdict::Sent);
  EXPECT_EQ(left.size(), 1U);
}

TEST_F(FlowEnds, AFlowThatTheEgressForgotIsOpenedAgain) {
  send(kSite);
  answer(opened.at(0));
  egress_is_cut = true;  // the STATUS is lost
  pass(kFlowIdle);
  EXPECT_TRUE(sockets.empty());
  egress_is_cut = false;
  send(kSite, "lost");
  EXPECT_EQ(left.size(), 1U) << "this one told it";
  send(kSite, "again");
  EXPECT_EQ(left.back(), "again");
  EXPECT_EQ(sockets.size(), 1U);
}

TEST_F(FlowEnds, OnlyWhatTheClientSendsKeepsAFlow) {
  send(kSite);
  for (int i = 0; i < 12; ++i) {
    answer(opened.at(0));
    pass(Seconds{10});
  }
  EXPECT_TRUE(sockets.empty());
  EXPECT_EQ(client.size(), 1U);
  pass(kClientFlowIdle);
  EXPECT_EQ(client.size(), 0U);
}

TEST_F(FlowEnds, AQuestionThatIsAnsweredIsOverSoon) {
  send(kResolver);
  pass(kDnsAnsweredIdle);
  EXPECT_EQ(sockets.size(), 1U) << "not answered yet";
  answer(opened.at(0));
  pass(kDnsAnsweredIdle - Millis{1});
  EXPECT_EQ(sockets.size(), 1U);
  pass(Millis{1});
  EXPECT_TRUE(sockets.empty());
  send(kResolver);
  pass(kDnsIdle);
  EXPECT_TRUE(sockets.empty()) << "nobody answers";
}

TEST_F(FlowEnds, NobodyIsFloodedWhoDoesNotAnswer) {
  for (int i = 0; i < 1'000; ++i) send(kSite);
  EXPECT_EQ(left.size(), kMaxUnansweredFirst);
  EXPECT_EQ(drops, std::vector<FlowDrop>(1'000 - kMaxUnansweredFirst, FlowDrop::Unanswered));
  pass(kUnansweredPace);
  send(kSite), send(kSite);
  EXPECT_EQ(left.size(), kMaxUnansweredFirst + 1) << "one now and then: they may be back";
  answer(opened.at(0));
  for (int i = 0; i < 5'000; ++i) send(kSite);
  EXPECT_EQ(left.size(), kMaxUnansweredFirst + 1 + kMaxUnanswered);
}

TEST_F(FlowEnds, ScansEndAfterSixtyThatNobodyAnswers) {
  for (std::uint32_t i = 0; i < 200; ++i) send({IpAddress::v4(0xc6330000 + i), 443});
  EXPECT_EQ(opened.size(), kMaxFailedDestinationsPerMinute);
  EXPECT_EQ(refusals, std::vector<FlowStatus>(200 - kMaxFailedDestinationsPerMinute, FlowStatus::Limit));
  client.forget(kApp);
  settle();
  EXPECT_TRUE(sockets.empty());
  pass(Seconds{30});
  send({IpAddress::v4(0xc6340000), 443});
  EXPECT_TRUE(sockets.empty()) << "closing them does not forget them";
  pass(Seconds{61});
  send({IpAddress::v4(0xc6340000), 443});
  EXPECT_EQ(sockets.size(), 1U);
}

TEST_F(FlowEnds, NewFlowsHaveALimitPerMinuteEvenWhenAllAreAnswered) {
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto before = opened.size();
    send({IpAddress::v4(0xc6330000 + i), 443});
    if (opened.size() > before) answer(opened.back());
    EXPECT_LE(sockets.size(), kMaxFlows);
  }
  EXPECT_EQ(opened.size(), kMaxDestinationsPerMinute);
}

TEST_F(FlowEnds, QuestionsHaveARateHoweverManyResolversAreAsked) {
  for (int i = 0; i < 5'000; ++i) {
    const auto which = static_cast<std::uint32_t>(i % 8);
    send({IpAddress::v4(0xc6330000 + which), 53});
    if (opened.size() > which) answer(opened[which]);
  }
  EXPECT_EQ(left.size(), kDnsBurst);
  EXPECT_EQ(drops.size(), 5'000 - kDnsBurst);
  pass(Seconds{1});
  for (int i = 0; i < 200; ++i) send(kResolver), answer(opened.back());
  EXPECT_EQ(left.size(), kDnsBurst + kDnsPerSecond);
  send(kSite, "not DNS");
  EXPECT_EQ(left.back(), "not DNS") << "others are not slowed";
}

TEST_F(FlowEnds, TheFlowUsedLeastLatelyMakesRoom) {
  for (std::uint32_t i = 0; i < kMaxAssociationFlows + 10; ++i) {
    send({IpAddress::v4(0xc6330000 + i), 443});
    answer(opened.back());
    send(kResolver);  // the second flow, used all the time
    answer(opened.at(1));
    pass(Millis{1});
  }
  EXPECT_EQ(client.size(), kMaxAssociationFlows);
  EXPECT_EQ(sockets.size(), kMaxAssociationFlows) << "the egress was told";
  EXPECT_TRUE(sockets.contains(opened.at(1)));
  EXPECT_FALSE(sockets.contains(opened.at(0)));
}

TEST_F(FlowEnds, AnEgressMakesRoomWhenACloseWasLost) {
  for (std::uint32_t i = 0; i < kMaxFlows + 20; ++i) {
    client_is_cut = true;
    client.forget(kApp);
    settle();
    client_is_cut = false;
    send({IpAddress::v4(0xc6330000 + i), 443});
    answer(opened.back());
    pass(Millis{1});
  }
  EXPECT_EQ(opened.size(), kMaxFlows + 20);
  EXPECT_EQ(sockets.size(), kMaxFlows);
  EXPECT_EQ(egress.size(), kMaxFlows);
}

TEST_F(FlowEnds, AnAssociationTakesItsFlowsWithItAndNoOthers) {
  send(kSite);
  send(kResolver);
  send(kSite, "other", AssociationId{2});
  EXPECT_EQ(sockets.size(), 3U) << "two programs do not share a flow";
  client.forget(kApp);
  settle();
  EXPECT_EQ(sockets, std::set<FlowId>{opened.at(2)});
  answer(opened.at(0), "late");
  EXPECT_TRUE(got.empty());
}

TEST_F(FlowEnds, WhatMeansNothingChangesNothing) {
  send(kSite);
  const auto flow = opened.at(0);
  for (const auto* nonsense : {"", "\x05", "\x7f", "\x80\x01", "\x01", "\x04\x01", "\x42"}) {
    egress.on_message(now, flow, as_bytes(nonsense));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(client.on_message(now, flow, as_bytes("\x05"))));
    settle();
  }
  EXPECT_EQ(sockets.size(), 1U);
  EXPECT_EQ(left.size(), 1U);
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(client.on_message(now, 99, as_bytes(std::string_view("\x00x", 2)))));
  EXPECT_EQ(client.send(now, kApp, kSite, Bytes(wire::kMaxFlowPayloadBytes + 1)), Verdict::TooLarge);
}

TEST_F(FlowEnds, SayThingsThatMeanNothingNowAndThen) {
  std::size_t ignorable = 0;
  for (int i = 0; i < 2'000; ++i) {
    client.send(now, kApp, kSite, as_bytes("x"));
    while (const auto said = client.poll()) ignorable += std::to_integer<unsigned>(said->message[0]) >= 0x40 ? 1U : 0U;
  }
  EXPECT_GE(ignorable, 3U);
  EXPECT_LE(ignorable, 20U);
}

}  // namespace
}  // namespace footbridge::core
