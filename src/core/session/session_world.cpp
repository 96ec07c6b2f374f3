#include "core/session/session_world.hpp"

namespace footbridge::core {

SessionConfig World::defaults() {
  SessionConfig config;
  config.peer_limits = config.limits;
  return config;
}

World::World(std::uint64_t seed, SessionConfig config, std::size_t memory_bytes)
    : rng(seed),
      memory(memory_bytes),
      client_session(Session::Role::Client, config, rng, memory, now),
      egress_session(Session::Role::Egress, config, rng, memory, now) {}

std::size_t World::connect(PathWeather weather) {
  auto path = std::make_unique<PathState>();
  path->weather = weather;
  for (const int end : {0, 1}) {
    path->ids[end] = session(end).add_path(now);
    path->heard[end] = now;
  }
  paths_.push_back(std::move(path));
  return paths_.size() - 1;
}

void World::close(std::size_t number) {
  auto& path = *paths_[number];
  path.closed = true;
  for (const int end : {0, 1}) session(end).path_closed(now, path.ids[end]);
  pump();
}

StreamId World::open(std::uint64_t header) {
  Bytes bytes(static_cast<std::size_t>(header));
  // The number of the next stream is known: they are never reused.
  static_assert(sizeof(StreamId) == 8);
  const auto id = 2 * client_session.stats().streams_opened + 1;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern(id, i);
  const auto opened = client_session.open(now, bytes);
  EXPECT_EQ(opened, id);
  client.outgoing[id] = {header, header, false};
  return id;
}

void World::pump() {
  for (bool moved = true; moved;) {
    moved = false;
    for (const int end : {0, 1}) {
      app(end).on_events(now);
      for (const auto& path : paths_) moved = pump_path(*path, end) || moved;
      most_memory[end] = std::max<std::size_t>(most_memory[end], session(end).stats().memory_bytes);
    }
  }
}

bool World::pump_path(PathState& path, int end) {
  const auto before = path.under_way[end];
  while (!path.closed && path.under_way[end] < path.weather.window && session(end).has_work(path.ids[end])) {
    const auto sent = path.under_way[end];
    send(path, end);
    if (path.under_way[end] == sent) break;
  }
  tell_stats(path, end);
  return path.under_way[end] != before;
}

void World::tell_stats(PathState& path, int end) {
  const auto& weather = path.weather;
  session(end).on_path_stats(
      now, path.ids[end],
      {2 * weather.delay + weather.jitter, weather.jitter / 2, weather.window * weather.packet_bytes,
       path.under_way[end] * weather.packet_bytes, path.heard[end]});
}

void World::send(PathState& path, int from) {
  Bytes bytes(path.weather.packet_bytes);
  const auto pulled = session(from).pull(now, path.ids[from], bytes);
  if (!pulled) return;
  bytes.resize(pulled->bytes);
  ++path.under_way[from];
  if (path.dead) return;
  const auto& weather = path.weather;
  const auto extra = [&] { return Duration{rng.between(0, static_cast<std::uint64_t>(weather.jitter.count()))}; };
  const auto way = weather.delay + extra();
  if (chance(weather.loss)) return tell(path, from, pulled->id, DatagramFate::Lost, 3 * weather.delay, true);
  const int to = 1 - from;
  at(now + way, [this, &path, to, bytes] { arrive(path, to, bytes); });
  if (chance(weather.duplicates)) at(now + way + extra(), [this, &path, to, bytes] { arrive(path, to, bytes); });
  if (chance(weather.spurious)) tell(path, from, pulled->id, DatagramFate::Lost, weather.delay, false);
  tell(path, from, pulled->id, DatagramFate::Acked, way + weather.delay, true);
}

void World::arrive(PathState& path, int to, const Bytes& bytes) {
  if (path.dead) return;
  if (now < path.frozen_until) return at(path.frozen_until, [this, &path, to, bytes] { arrive(path, to, bytes); });
  path.heard[to] = now;
  if (session(to).ended()) return;
  const auto status = session(to).on_datagram(now, path.ids[to], bytes);
  EXPECT_TRUE(status.ok() || status.error() == SessionErrc::OutOfMemory) << name(status.error());
}

void World::tell(PathState& path, int end, DatagramId id, DatagramFate fate, Duration after, bool frees) {
  at(now + after, [this, &path, end, id, fate, frees] {
    if (path.dead) return;
    if (now < path.frozen_until) return tell(path, end, id, fate, path.frozen_until - now, frees);
    if (fate == DatagramFate::Acked) path.heard[end] = now;
    if (frees) --path.under_way[end];
    session(end).on_fate(now, path.ids[end], id, fate);
  });
}

bool World::run_until(const std::function<bool()>& done, Duration most) {
  const auto stop = now + most;
  for (;;) {
    pump();
    if (done()) return true;
    std::optional<TimePoint> next;
    if (!events_.empty()) next = events_.begin()->first;
    for (const int end : {0, 1}) next = earlier(next, session(end).deadline());
    if (!next || *next > stop) {
      now = std::max(now, stop);
      return false;
    }
    now = std::max(now, *next);
    while (!events_.empty() && events_.begin()->first <= now) {
      auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    for (const int end : {0, 1})
      if (const auto due = session(end).deadline(); due && *due <= now) session(end).on_deadline(now);
  }
}

}  // namespace footbridge::core
