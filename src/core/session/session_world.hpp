// For tests: a client's and an egress's session on virtual time, and paths between them that lose, delay, reorder and
// duplicate datagrams, tell the truth or a spurious loss about them, and die silently. Everything follows from the
// seed.
#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>

#include "core/session/session.hpp"

namespace footbridge::core {

// The byte that stream `id` carries at `offset`: wrong order, gaps and repeats all show.
inline std::byte pattern(StreamId id, std::uint64_t offset) {
  const auto mixed = (offset + 1) * 0x9e3779b97f4a7c15ULL + id * 0xbf58476d1ce4e5b9ULL;
  return static_cast<std::byte>(mixed >> 56);
}

struct PathWeather {
  Duration delay = Millis{20};  // one way
  Duration jitter{};            // added at random, so later datagrams overtake
  double loss = 0;
  double duplicates = 0;
  double spurious = 0;      // arrived, but QUIC first believes it lost
  std::size_t window = 64;  // datagrams under way
  std::size_t packet_bytes = 1132;
};

// What one end's application does with its streams: writes pattern bytes, reads and checks what comes.
struct Application {
  explicit Application(Session& of) : session(of) {}
  void write(TimePoint now, StreamId id, std::uint64_t bytes, bool finish) {
    auto& out = outgoing[id];
    out.total += bytes;
    out.finish = finish;
    push(now, id);
  }
  void push(TimePoint now, StreamId id) {
    auto& out = outgoing[id];
    while (out.written < out.total) {
      Bytes chunk(static_cast<std::size_t>(std::min<std::uint64_t>(out.total - out.written, 10'000)));
      for (std::size_t i = 0; i < chunk.size(); ++i) chunk[i] = pattern(id, out.written + i);
      const auto taken = session.write(now, id, chunk);
      out.written += taken;
      if (taken < chunk.size()) return;
    }
    if (out.finish) session.finish(now, id);
  }
  void read(TimePoint now, StreamId id) {
    auto& in = incoming[id];
    while (!stalled.contains(id)) {
      const auto bytes = session.peek(id);
      if (bytes.empty()) return;
      for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] != pattern(id, in.read + i)) ++in.wrong;
      in.read += bytes.size();
      session.consume(now, id, bytes.size());
    }
  }
  void on_events(TimePoint now) {
    while (const auto happened = session.poll()) {
      std::visit(
          [&](const auto& what) {
            using Event = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<Event, event::Opened>) opened.push_back(what.stream);
            if constexpr (std::is_same_v<Event, event::Readable>) read(now, what.stream);
            if constexpr (std::is_same_v<Event, event::Writable>) push(now, what.stream);
            if constexpr (std::is_same_v<Event, event::Finished>) ++incoming[what.stream].finished;
            if constexpr (std::is_same_v<Event, event::Reset>) resets[what.stream].push_back(what.code);
            if constexpr (std::is_same_v<Event, event::Stopped>) stops[what.stream].push_back(what.code);
            if constexpr (std::is_same_v<Event, event::GoAway>) go_away = what.after;
            if constexpr (std::is_same_v<Event, event::PathSilence>) silences.push_back(what);
            if constexpr (std::is_same_v<Event, event::Ended>) ended = what.reason;
            if (on_event) on_event(*happened);
          },
          *happened);
    }
  }

  struct Outgoing {
    std::uint64_t total = 0;
    std::uint64_t written = 0;
    bool finish = false;
  };
  struct Incoming {
    std::uint64_t read = 0;
    std::uint64_t wrong = 0;
    int finished = 0;
  };
  Session& session;
  std::map<StreamId, Outgoing> outgoing;
  std::map<StreamId, Incoming> incoming;
  std::map<StreamId, std::vector<ResetCode>> resets;
  std::map<StreamId, std::vector<ResetCode>> stops;
  std::vector<StreamId> opened;
  std::set<StreamId> stalled;  // not read
  std::optional<Duration> go_away;
  std::vector<event::PathSilence> silences;
  std::optional<EndReason> ended;
  std::function<void(const SessionEvent&)> on_event;
};

class World {
 public:
  explicit World(std::uint64_t seed = 1, SessionConfig config = defaults(), std::size_t memory_bytes = 64U << 20);
  static SessionConfig defaults();

  std::size_t connect(PathWeather weather = {});              // answers the path's number
  void kill(std::size_t path) { paths_[path]->dead = true; }  // silently: neither end is told
  void close(std::size_t path);                               // both ends are told
  // Nothing comes or goes for so long; then all of it arrives, as from a volunteer that was suspended.
  void freeze(std::size_t path, Duration time) { paths_[path]->frozen_until = now + time; }
  Session& session(int end) { return end == 0 ? client_session : egress_session; }
  Application& app(int end) { return end == 0 ? client : egress; }
  PathId id_at(std::size_t path, int end) const { return paths_[path]->ids[end]; }

  // Lets time pass until `done`, at most for `most`; false: it did not happen.
  bool run_until(const std::function<bool()>& done, Duration most = Seconds{60});
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  // Client opens a stream whose first `header` bytes are pattern bytes too.
  StreamId open(std::uint64_t header = 20);
  void settle() { pump(); }

  TimePoint now{};
  SeededRng rng;
  BoundedMemory memory;
  Session client_session;
  Session egress_session;
  Application client{client_session};
  Application egress{egress_session};
  std::size_t most_memory[2] = {0, 0};

 private:
  struct PathState {
    PathWeather weather;
    PathId ids[2];
    std::size_t under_way[2] = {0, 0};
    TimePoint heard[2] = {};
    TimePoint frozen_until{};
    bool dead = false;
    bool closed = false;
  };
  bool chance(double of) { return static_cast<double>(rng.between(0, 999'999)) < of * 1e6; }
  void at(TimePoint when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void pump();
  bool pump_path(PathState& path, int end);
  void send(PathState& path, int from);
  void tell_stats(PathState& path, int end);
  void arrive(PathState& path, int to, const Bytes& bytes);
  void tell(PathState& path, int end, DatagramId id, DatagramFate fate, Duration after, bool frees);
  std::vector<std::unique_ptr<PathState>> paths_;
  std::multimap<TimePoint, std::function<void()>> events_;
};

}  // namespace footbridge::core
