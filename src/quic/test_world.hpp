// TestWorld: a client's and an egress's Path over two in-memory pipes, on virtual time, for the tests, the fuzzer and
// the bench of this folder. No sockets, no clock, no thread. Everything sent can be inspected, lost or altered.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "quic/path.hpp"

namespace footbridge::quic {

class TestWorld;

// One end: the user of a Path, its source of datagrams and its pipe, all of which record.
class TestEnd final : public PathUser, public core::DatagramSource, public MessagePipe {
 public:
  TestEnd(TestWorld& world, std::uint64_t seed) : world_(world), rng(seed) {}

  // PathUser
  void on_path_established(TimePoint now) override {
    established_at = now;
    if (when_established) when_established(now);
  }
  void on_path_control(TimePoint, ByteView bytes, bool fin) override {
    append(control, bytes);
    control_fin |= fin;
  }
  void on_path_datagram(TimePoint now, ByteView payload) override {
    datagram_bytes += payload.size();
    if (when_datagram) when_datagram(now, payload);
    if (keep_datagrams) datagrams.push_back(to_bytes(payload));
  }
  void on_path_fate(TimePoint, core::DatagramId id, core::DatagramFate fate) override {
    ++(fate == core::DatagramFate::Acked ? acked : lost);
    if (keep_datagrams) fates[id] = fate;
  }
  void on_path_closed(TimePoint now, const PathEnd& how) override {
    ++closed_times;
    end = how;
    closed_at = now;
  }

  // core::DatagramSource: `to_send` datagrams that fill what they are given, each beginning with its number.
  std::optional<Pulled> pull(TimePoint, ByteSpan out) override {
    ++pulls;
    if (to_send == 0) return std::nullopt;
    --to_send;
    const auto id = ++last_id;
    std::fill(out.begin(), out.end(), static_cast<std::byte>(id));
    for (std::size_t i = 0; i < 8 && i < out.size(); ++i) out[i] = static_cast<std::byte>(id >> (8 * i));
    return Pulled{id, out.size()};
  }

  // MessagePipe
  bool send(ByteView message) override;
  void flush() override { ++flushes; }
  std::size_t backlog_bytes() const override { return backlog; }
  std::size_t max_message_bytes() const override { return max_message; }
  void pause_reading(bool) override {}
  void close(PipeEnd how) override;

 private:
  TestWorld& world_;

 public:
  SeededRng rng;
  std::unique_ptr<Path> path;
  std::function<void(TimePoint)> when_established;
  std::function<void(TimePoint, ByteView)> when_datagram;
  bool keep_datagrams = true;
  std::optional<TimePoint> established_at, closed_at;
  Bytes control;
  bool control_fin = false;
  std::vector<Bytes> datagrams;
  std::map<core::DatagramId, core::DatagramFate> fates;
  std::uint64_t acked = 0, lost = 0, datagram_bytes = 0, pulls = 0, to_send = 0, last_id = 0, flushes = 0;
  int closed_times = 0;
  PathEnd end;
  std::optional<PipeEnd> pipe_closed_as;
  std::size_t backlog = 0;
  std::size_t max_message = 65536;
  std::uint64_t rate_bytes_per_second = 0;  // 0: no limit, and never a backlog
  TimePoint busy_until;
  std::vector<Bytes> sent;  // every message, fillers too, when world.keep_messages
  std::vector<TimePoint> sent_at;
};

class TestWorld {
 public:
  // What happens to a message on its way: true, and it is lost. May alter it.
  using Fault = std::function<bool(const TestEnd& from, Bytes& message)>;

  explicit TestWorld(std::uint64_t seed = 1)
      : client(*this, 2 * seed), egress(*this, 2 * seed + 1), identity(Identity::generate().value()) {
    client_config.pin = identity.pin();
    client_config.connection.initial_rtt = Millis{100};
  }

  // Makes both paths and opens both pipes at `now`.
  void open(const PathOptions& options = {}, const ConnectionConfig& egress_config = {}) {
    client.path = std::make_unique<Path>(client_config, options, client.rng, client, client);
    egress.path = std::make_unique<Path>(ServerConfig{identity, egress_config}, options, egress.rng, egress, egress);
    for (auto* end : {&client, &egress}) {
      end->path->attach(*end);
      end->path->on_open(now);
    }
  }

  void run(Duration span) { run_until(now + span); }
  void run_until(TimePoint until) {
    for (;;) {
      const auto at = next_event();
      if (!at || *at > until) break;
      FB_ASSERT(++steps < kMaxSteps);
      now = std::max(now, *at);
      step();
    }
    now = until;
  }
  // Until nothing is left to do or the condition holds; false: the time ran out first.
  bool run_while(Duration at_most, const std::function<bool()>& condition) {
    const auto until = now + at_most;
    while (condition()) {
      const auto at = next_event();
      if (!at || *at > until) return false;
      FB_ASSERT(++steps < kMaxSteps);
      now = std::max(now, *at);
      step();
    }
    return true;
  }

  TestEnd& other(const TestEnd& end) { return &end == &client ? egress : client; }

  void carry(TestEnd& from, ByteView message) {
    if (keep_messages) {
      from.sent.push_back(to_bytes(message));
      from.sent_at.push_back(now);
    }
    auto copy = to_bytes(message);
    auto leaves = now;
    if (from.rate_bytes_per_second != 0) {
      from.backlog += copy.size();
      const auto nanos = copy.size() * 1'000'000'000 / from.rate_bytes_per_second;
      from.busy_until = std::max(from.busy_until, now) + Duration(static_cast<Duration::rep>(nanos));
      leaves = from.busy_until;
      events_.emplace(leaves, Event{&from, {}, copy.size(), std::nullopt});
    }
    if (fault && fault(from, copy)) return;
    events_.emplace(leaves + delay, Event{&other(from), std::move(copy), 0, std::nullopt});
  }
  void close_pipe(TestEnd& from, PipeEnd how) {
    events_.emplace(now, Event{&from, {}, 0, how});
    if (closing_is_heard) events_.emplace(now + delay, Event{&other(from), {}, 0, PipeEnd::Remote});
  }

  TimePoint now = TimePoint(Seconds{1000});
  Duration delay = Millis{50};  // one way
  Fault fault;
  bool keep_messages = true;
  bool closing_is_heard = true;  // false: a pipe that ends at one end ends in silence at the other
  TestEnd client;
  TestEnd egress;
  Identity identity;
  ClientConfig client_config;
  std::uint64_t steps = 0;

 private:
  static constexpr std::uint64_t kMaxSteps = 20'000'000;  // a deadline that never moves would loop for ever
  struct Event {
    TestEnd* to;
    Bytes message;
    std::size_t drained;
    std::optional<PipeEnd> close;
  };

  std::optional<TimePoint> next_event() const {
    std::optional<TimePoint> at;
    if (!events_.empty()) at = events_.begin()->first;
    for (const auto* end : {&client, &egress})
      if (end->path) at = earlier(at, end->path->deadline());
    return at;
  }

  // Everything due now, deliveries to one end batched as a pipe would.
  void step() {
    for (auto* end : {&client, &egress}) {
      std::vector<Bytes> batch;
      std::optional<PipeEnd> close;
      bool drained = false;
      for (auto it = events_.begin(); it != events_.end() && it->first <= now;) {
        if (it->second.to != end) {
          ++it;
          continue;
        }
        end->backlog -= it->second.drained;
        drained |= it->second.drained > 0 && end->backlog == 0;
        if (it->second.close)
          close = it->second.close;
        else if (it->second.drained == 0)
          batch.push_back(std::move(it->second.message));
        it = events_.erase(it);
      }
      deliver(*end, batch, drained, close);
    }
  }

  void deliver(TestEnd& end, const std::vector<Bytes>& batch, bool drained, std::optional<PipeEnd> close) {
    if (!end.path || end.pipe_closed_as) return;
    const std::vector<ByteView> views(batch.begin(), batch.end());
    if (!views.empty()) end.path->on_messages(now, views);
    if (drained) end.path->on_drained(now);
    if (const auto at = end.path->deadline(); at && *at <= now) end.path->on_deadline(now);
    if (close && !end.pipe_closed_as) {
      end.pipe_closed_as = close;
      end.path->on_closed(now, *close);
    }
  }

  std::multimap<TimePoint, Event> events_;
};

inline bool TestEnd::send(ByteView message) {
  if (pipe_closed_as || message.size() > max_message) return false;
  world_.carry(*this, message);
  return true;
}
inline void TestEnd::close(PipeEnd how) { world_.close_pipe(*this, how); }

}  // namespace footbridge::quic
