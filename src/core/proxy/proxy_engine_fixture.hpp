// A ProxyEngine on a virtual clock, and hands that lead one slot through its states. For the tests of this folder.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "core/proxy/proxy_engine.hpp"

namespace footbridge::core {

struct ProxyEngineFixture : testing::Test {
  using Engine = ProxyEngine;
  using State = ProxyEngine::State;

  SeededRng rng{17};
  Engine engine{{.allowed_relays = {"wss://egress.example/leg"}}};
  TimePoint now{Seconds{1'000}};
  std::vector<Engine::Command> commands;  // not yet looked at

  wire::Assignment assignment(std::string url = "wss://egress.example/leg") {
    wire::Assignment a;
    a.match = MatchId::random(rng);
    a.sdp = wire::Sdp("offer");
    a.relay_url = Private<std::string>(std::move(url));
    a.leg_token = Private<Bytes>(Bytes(wire::kLegTokenBytes));
    return a;
  }
  void collect() {
    while (auto command = engine.poll()) commands.push_back(std::move(*command));
  }
  // The oldest command of this kind, taken out; nullopt: there is none.
  template <class Command>
  std::optional<Command> take() {
    collect();
    const auto found = std::ranges::find_if(commands, [](const auto& c) { return std::holds_alternative<Command>(c); });
    if (found == commands.end()) return std::nullopt;
    auto command = std::get<Command>(std::move(*found));
    commands.erase(found);
    return command;
  }
  template <class Command>
  bool silent_about() {
    return !take<Command>();
  }
  void pass(Duration by) {
    const auto until = now + by;
    while (engine.deadline() && *engine.deadline() <= until) {
      now = std::max(now, *engine.deadline());
      engine.on_deadline(now);
      collect();
    }
    now = until;
  }
  SlotRef to_answering() {
    engine.on_assigned(now, assignment());
    return take<Engine::MakeAnswer>().value().at;
  }
  SlotRef to_linking() {
    const auto at = to_answering();
    engine.on_answer_made(now, at, wire::Sdp("answer"));
    EXPECT_TRUE(take<Engine::SendAnswer>());
    return at;
  }
  SlotRef to_dialling() {
    const auto at = to_linking();
    engine.on_link_open(now, at);
    EXPECT_TRUE(take<Engine::DialLeg>());
    return at;
  }
  SlotRef to_relaying() {
    const auto at = to_dialling();
    engine.on_leg_open(now, at);
    EXPECT_TRUE(take<Engine::StartRelay>());
    EXPECT_EQ(take<Engine::Report>()->kind, wire::OutcomeKind::Opened);
    return at;
  }
  SlotRef to(State state) {
    switch (state) {
      case State::Answering: return to_answering();
      case State::Linking: return to_linking();
      case State::Dialling: return to_dialling();
      case State::Relaying: return to_relaying();
      case State::Closing: {
        const auto at = to_relaying();
        engine.on_link_closed(now, at, PipeEnd::Remote);
        collect();
        return at;
      }
      case State::Free: break;
    }
    ADD_FAILURE();
    return {};
  }
};

}  // namespace footbridge::core
