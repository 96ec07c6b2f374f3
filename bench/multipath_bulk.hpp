// Bulk: one endless transfer over several paths on virtual time, with small requests beside it if one likes. A client
// and an egress, real QUIC between them; pipes of 10 Mbit/s with round trips of 20, 50, 100 and 200 ms and 128 KB of
// drop-tail queue, unless said otherwise; 60 bytes of headers below us for each SCTP chunk. Everything follows from the
// seed. Thread: one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/path/packet_sizes.hpp"
#include "sim/stack/two_ends.hpp"

namespace footbridge::bench {

inline constexpr std::array<int, 4> kRoundTripsMs = {20, 50, 100, 200};
inline constexpr std::uint64_t kPipeBits = 10'000'000;
inline constexpr Seconds kWarmUp{3};             // start-up of the congestion control, not counted
inline constexpr std::size_t kHeaderBytes = 60;  // IP, UDP, DTLS and SCTP
inline constexpr std::uint64_t kRequestedBytes = 20'000;

inline double to_ms(Duration time) { return static_cast<double>(time.count()) / 1e6; }

inline sim::PipeWeather chunked(Duration round_trip, std::uint64_t bits, double loss) {
  auto weather = sim::straight(round_trip, bits);
  for (auto* link : {&weather.forth, &weather.back}) {
    link->loss = loss;
    link->overhead_bytes = kHeaderBytes;
    link->fragment_bytes = core::kFragmentBytes;
  }
  return weather;
}

// Reads one direction of one stream: how much in which time, and the longest silence.
class Meter {
 public:
  void add(TimePoint now, std::size_t bytes) {
    if (bytes_ > 0 && now > counted_from && last_ >= counted_from) gap_ = std::max(gap_, now - last_);
    if (now >= counted_from) counted_ += bytes;
    bytes_ += bytes;
    last_ = now;
  }
  double mbit(TimePoint until) const {
    return static_cast<double>(counted_) * 8e3 / static_cast<double>((until - counted_from).count());
  }
  Duration gap(TimePoint until) const { return std::max(gap_, until - std::max(last_, counted_from)); }
  TimePoint counted_from{};

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t counted_ = 0;
  TimePoint last_{};
  Duration gap_{};
};

struct Plan {
  std::uint64_t seed = 1;
  double loss = 0;
  bool up = false;
  bool requests = false;  // of 20 KB, every 100 to 150 ms
  quic::PathOptions options{};
  std::vector<int> round_trips{kRoundTripsMs.begin(), kRoundTripsMs.end()};
};

// One endless transfer over all paths.
class Bulk {
 public:
  explicit Bulk(const Plan& plan)
      : plan_(plan), world_(plan.seed, plan.options), dice_(sim::Seed(plan.seed).child("bulk")) {
    for (const auto round_trip : plan.round_trips)
      pipes_.push_back(world_.add_path(chunked(Millis{round_trip}, kPipeBits, plan.loss)));
    world_.client.when_session = [this](sim::SessionAtEnd& session) { begin(session); };
    world_.egress.when_session = [this](sim::SessionAtEnd& session) {
      if (plan_.up) measure(session.app());
    };
    started_ = meter_.counted_from = world_.now();
    meter_.counted_from += kWarmUp;
  }
  void run_until(Duration since_start) { world_.run_for(started_ + since_start - world_.now()); }
  double mbit() const { return meter_.mbit(world_.now()); }
  // What was read before counts no more.
  void count_from(TimePoint at) {
    meter_ = {};
    meter_.counted_from = at;
  }
  double longest_gap_ms() const { return to_ms(meter_.gap(world_.now())); }
  sim::TwoEnds& world() { return world_; }
  const std::vector<std::uint64_t>& pipes() const { return pipes_; }
  const std::vector<double>& request_ms() const { return request_ms_; }
  std::uint64_t wrong() {
    auto* const egress = world_.egress_session();
    auto* const client = world_.client.session();
    return (egress != nullptr ? egress->app().wrong_bytes() : 1) +
           (client != nullptr ? client->app().wrong_bytes() : 1);
  }
  std::uint64_t unanswered() {  // requests that wait for more than a second
    std::uint64_t count = 0;
    for (const auto& [id, stream] : world_.client.session()->app().streams())
      if (id != bulk_ && world_.now() - stream.asked_at > Seconds{1}) ++count;
    return count;
  }
  void add_path(Duration round_trip, std::uint64_t bits) {
    pipes_.push_back(world_.add_path(chunked(round_trip, bits, plan_.loss)));
  }

 private:
  void begin(sim::SessionAtEnd& session) {
    bulk_ = session.app().ask(world_.now(), plan_.up ? sim::kEndless : 0, plan_.up ? 0 : sim::kEndless).value();
    if (!plan_.up) measure(session.app());
    session.app().when_done = [this](TimePoint now, core::StreamId, const sim::Application::Stream& stream) {
      request_ms_.push_back(to_ms(now - stream.asked_at));
    };
    if (plan_.requests) world_.network.queue.after(Seconds{2}, [this] { request(); });
    session.touch();
  }
  void measure(sim::Application& app) {
    app.when_read = [this](TimePoint now, core::StreamId id, std::size_t bytes) {
      if (id == bulk_) meter_.add(now, bytes);
    };
  }
  void request() {
    auto& session = *world_.client.session();
    session.app().ask(world_.now(), 0, kRequestedBytes);
    session.touch();
    world_.network.queue.after(dice_.duration(Millis{100}, Millis{150}), [this] { request(); });
  }

  Plan plan_;
  sim::TwoEnds world_;
  sim::Dice dice_;
  Meter meter_;
  TimePoint started_{};
  core::StreamId bulk_ = 1;
  std::vector<std::uint64_t> pipes_;
  std::vector<double> request_ms_;
};

}  // namespace footbridge::bench
