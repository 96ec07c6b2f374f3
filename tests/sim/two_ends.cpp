#include "two_ends.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::sim {

TwoEnds::TwoEnds(std::uint64_t seed, Carrier carrier)
    : rng(seed), carrier_(std::move(carrier)), identity_(quic::Identity::generate().value()), dial_at_(now) {}

void TwoEnds::make_session(std::size_t side, const wire::SessionLimits& peer) {
  if (sessions_[side]) return;
  core::SessionConfig config;
  config.peer_limits = peer;
  const auto role = side == kClientEnd ? core::Session::Role::Client : core::Session::Role::Egress;
  sessions_[side].emplace(role, config, rng, memory, now);
  apps_[side].emplace(*sessions_[side]);
}

core::SessionRegistry::Answer TwoEnds::create(TimePoint, const wire::Hello& hello) {
  // A client whose OK was lost says HELLO again; this egress has one session and goes on with it.
  make_session(kEgressEnd, hello.limits);
  apps_[kEgressEnd]->on_event = [this](const core::SessionEvent& happened) {
    const auto* const opened = std::get_if<core::event::Opened>(&happened);
    if (opened == nullptr) return;
    const auto planned = down_.find(opened->stream);
    if (planned != down_.end()) app(kEgressEnd).write(now, opened->stream, planned->second, true);
  };
  return wire::Ok{
      1, 0, SessionId{}, Private<wire::SessionToken>(wire::SessionToken{}), 120, core::SessionConfig{}.limits};
}

core::SessionRegistry::Answer TwoEnds::join(TimePoint, const wire::Join&) {
  return wire::Ok{
      1, 0, SessionId{}, Private<wire::SessionToken>(wire::SessionToken{}), 120, core::SessionConfig{}.limits};
}

void TwoEnds::dial() {
  const auto match = MatchId::random(rng);
  const auto number = ++last_route_;
  ++dials;
  auto& route = routes_[number];
  quic::ClientConfig client{identity_.pin(), {}};
  client.connection.initial_rtt = 2 * delay;
  route.ends[kClientEnd] = std::make_unique<PathAtEnd>(
      *this, number, client, core::ClientPathHandshake(now, rng, match, core::SessionConfig{}.limits, grant_));
  route.ends[kEgressEnd] = std::make_unique<PathAtEnd>(*this, number, quic::ServerConfig{identity_, {}},
                                                       core::EgressPathHandshake(now, rng, *this, match));
  route.ends[kEgressEnd]->open(now);
  route.ends[kClientEnd]->open(now);
}

std::optional<core::StreamId> TwoEnds::open(ByteView header, std::uint64_t up, std::uint64_t down) {
  auto* const client = session(kClientEnd);
  if (client == nullptr || client->ended()) return std::nullopt;
  const auto id = client->open(now, header);
  if (!id) return std::nullopt;
  app(kClientEnd).outgoing[*id] = {header.size(), header.size(), false};
  down_[*id] = down;
  app(kClientEnd).write(now, *id, up, true);
  return id;
}

void TwoEnds::carry(std::size_t number, std::size_t from, ByteView message) {
  for (auto& delivery : carrier_(from, message))
    arrivals_.emplace(now + delay + delivery.later, Arrival{number, delivery.to, std::move(delivery.message), {}});
}

void TwoEnds::cut_paths() {
  for (const auto& [number, route] : routes_)
    for (const auto side : {kClientEnd, kEgressEnd}) arrivals_.emplace(now, Arrival{number, side, {}, PipeEnd::Leg});
}

std::optional<TimePoint> TwoEnds::next_event() const {
  std::optional<TimePoint> at = dial_at_;
  if (!arrivals_.empty()) at = earlier(at, arrivals_.begin()->first);
  for (const auto& [number, route] : routes_)
    for (const auto& end : route.ends) at = earlier(at, end->deadline());
  for (const auto& session : sessions_)
    if (session) at = earlier(at, session->deadline());
  return at;
}

// Hands out what happened, and lets paths with work send.
void TwoEnds::settle() {
  for (const auto side : {kClientEnd, kEgressEnd})
    if (apps_[side]) apps_[side]->on_events(now);
  for (const auto& [number, route] : routes_)
    for (const auto& end : route.ends) end->wake(now);
}

void TwoEnds::forget_finished() {
  const bool carried = !routes_.empty();
  std::erase_if(routes_, [](const auto& entry) {
    return entry.second.ends[kClientEnd]->finished() && entry.second.ends[kEgressEnd]->finished();
  });
  // A path whose client end is over is one the client has left.
  const bool any =
      std::ranges::any_of(routes_, [](const auto& entry) { return !entry.second.ends[kClientEnd]->end(); });
  if (carried && !any && !dial_at_) dial_at_ = now + redial;
}

void TwoEnds::step() {
  while (!arrivals_.empty() && arrivals_.begin()->first <= now) {
    auto arrival = std::move(arrivals_.begin()->second);
    arrivals_.erase(arrivals_.begin());
    const auto route = routes_.find(arrival.route);
    if (route == routes_.end()) continue;
    auto& end = *route->second.ends[arrival.to];
    if (arrival.closed)
      end.on_pipe_closed(now, *arrival.closed);
    else
      end.on_message(now, arrival.message);
  }
  for (const auto& [number, route] : routes_)
    for (const auto& end : route.ends)
      if (const auto due = end->deadline(); due && *due <= now) end->on_deadline(now);
  for (auto& session : sessions_)
    if (const auto due = session ? session->deadline() : std::nullopt; due && *due <= now) session->on_deadline(now);
  if (dial_at_ && *dial_at_ <= now) {
    dial_at_.reset();
    dial();
  }
  settle();
  forget_finished();
}

bool TwoEnds::ended() const {
  return std::ranges::any_of(sessions_, [](const auto& session) { return session && session->ended(); });
}

bool TwoEnds::run_until(const std::function<bool()>& done, Duration most) {
  const auto stop = now + most;
  for (;;) {
    settle();
    if (done()) return true;
    if (ended()) return false;
    const auto next = next_event();
    if (!next || *next > stop) {
      now = stop;
      return false;
    }
    now = std::max(now, *next);
    step();
  }
}

}  // namespace footbridge::sim
