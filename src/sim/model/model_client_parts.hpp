// What a ModelClient is made of: one attempt at a path, one session. Private to model_client*.cpp.
#pragma once

#include "sim/model/model_client.hpp"

namespace footbridge::sim::model {

// From the offer to the path's end. Linking until the link is open; then there is a PathEnd.
struct ModelClient::Attempt final : PipeEvents {
  Attempt(ModelClient& of, core::PathKey its_key) : client(of), key(its_key), began(of.now()) {}
  ~Attempt() override {
    end.reset();
    if (link != nullptr) link->forget_user(), link->close(PipeEnd::Local);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Of the link, until a PathEnd takes its place.
  void on_open(TimePoint) override { client.open(*this); }
  void on_messages(TimePoint, std::span<const ByteView>) override {}
  void on_drained(TimePoint) override {}
  void on_closed(TimePoint, PipeEnd) override {
    link = nullptr;
    client.finish(*this, core::PathPlan::Loss::Volunteer);
  }

  ModelClient& client;
  core::PathKey key;
  TimePoint began;
  wire::Sdp offer;
  std::optional<wire::Match> match;
  HopEnd* link = nullptr;
  std::unique_ptr<PathEnd> end;
  std::optional<SessionId> joins;  // nullopt: begins one
  std::optional<TimePoint> limit;  // of linking
  bool carrying = false;
  bool left = false;
  bool over = false;
};

struct ModelClient::Session final : SessionUser {
  Session(ModelClient& of, const wire::Ok& ok, const wire::EgressId& its_egress, std::uint16_t its_shard)
      : client(of),
        grant{ok.session, ok.token},
        egress(its_egress),
        shard(its_shard),
        end(of.ground(), of.who_, core::Session::Role::Client, config_of(ok), of.dice_, of.memory_, *this) {}
  static core::SessionConfig config_of(const wire::Ok& ok) {
    core::SessionConfig config;
    config.peer_limits = ok.limits;
    return config;
  }
  void on_session_event(const core::SessionEvent& event) override { client.on_session_event(*this, event); }

  ModelClient& client;
  core::SessionGrant grant;
  wire::EgressId egress;
  std::uint16_t shard;
  SessionEnd end;
};

}  // namespace footbridge::sim::model
