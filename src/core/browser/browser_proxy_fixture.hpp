// A BrowserProxy whose links, legs and requests are the test's, and a broker for it. For the tests of this folder.
#pragma once

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "core/browser/browser_broker.hpp"
#include "core/browser/browser_proxy.hpp"

namespace footbridge::core {

struct BrowserProxyFixture : testing::Test {
  SeededRng rng{3};
  Moment at{TimePoint{Seconds{1'000}}, UnixSeconds{1'800'001'000}};
  BrowserBroker broker{UnixSeconds{1'800'000'000}};
  BrowserProxy proxy{config(), rng};

  BrowserProxyConfig config() {
    return {.relays = {"wss://egress.example/leg"},
            .seals = {broker.way(UnixSeconds{0}, UnixSeconds{1'900'000'000})},
            .key = crypto::X25519KeyPair::random(rng),
            .self_tag = SelfTag::random(rng)};
  }
  std::deque<BrowserProxy::Command> commands;  // not yet looked at
  Bytes kept;

  // The oldest of this kind, taken out.
  template <class Command>
  Command next() {
    collect();
    const auto found = std::ranges::find_if(commands, [](const auto& c) { return std::holds_alternative<Command>(c); });
    EXPECT_NE(found, commands.end());
    if (found == commands.end()) return {};
    auto command = std::get<Command>(std::move(*found));
    commands.erase(found);
    return command;
  }
  void collect() {
    while (auto command = proxy.poll()) {
      if (auto* keep = std::get_if<BrowserProxy::Keep>(&*command))
        kept = std::move(keep->record);
      else
        commands.push_back(std::move(*command));
    }
  }
  void expect_silence() {
    collect();
    EXPECT_TRUE(commands.empty());
  }
  using In = std::vector<HelpedNow::In>;
  In countries() const {
    std::array<HelpedNow::In, HelpedNow::kMost> room;
    const auto list = proxy.status().helped.by_country(room);
    return {list.begin(), list.end()};
  }
  wire::Poll read(const BrowserProxy::Post& post) { return broker.read(at.wall, post.bytes).value(); }
  void answer(const BrowserProxy::Post& post, wire::PollReply reply = {}) {
    proxy.on_answered(at, post.post, broker.answer(at.wall, {.body = std::move(reply)}));
  }
  void pass(Seconds by) {
    at.now += by;
    at.wall = UnixSeconds{count(at.wall) + static_cast<std::uint64_t>(by.count())};
  }
  // A parked poll is answered with this client; the next one is parked.
  wire::Assignment assign(wire::Sdp offer, Country country = {}) {
    const auto post = next<BrowserProxy::Post>();
    read(post);
    auto assigned = broker.assignment(std::move(offer));
    assigned.client_country = country;
    pass(Seconds{5});
    answer(post, {.assignments = {assigned}});
    return assigned;
  }
  SlotRef to_relaying(const std::string& address = "8.8.8.8", Country country = {}) {
    assign(offer_with({address}), country);
    next<BrowserProxy::Post>();  // parked again
    const auto make = next<BrowserProxy::MakeAnswer>();
    proxy.on_answer_made(at, make.at, wire::Sdp("answer"));
    const auto errand = next<BrowserProxy::Post>();
    read(errand);
    answer(errand);
    proxy.on_link_open(at, make.at);
    next<BrowserProxy::DialLeg>();
    proxy.on_leg_open(at, make.at);
    const auto report = next<BrowserProxy::Post>();
    read(report);
    next<BrowserProxy::StartRelay>();
    answer(report);
    return make.at;
  }
};

}  // namespace footbridge::core
