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

namespace footbridge::sim {

inline constexpr std::array<int, 4> kRoundTripsMs = {20, 50, 100, 200};
inline constexpr std::uint64_t kPipeBits = 10'000'000;
inline constexpr Seconds kWarmUp{3};             // start-up of the congestion control, not counted
inline constexpr std::size_t kHeaderBytes = 60;  // IP, UDP, DTLS and SCTP
inline constexpr std::uint64_t kRequestedBytes = 20'000;

inline double to_ms(Duration time) { return static_cast<double>(time.count()) / 1e6; }

// Both directions alike; a message pays headers and runs risks for each of its SCTP chunks.
PipeWeather chunked(Duration round_trip, std::uint64_t bits_per_second, double loss);

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
  explicit Bulk(const Plan& plan);

  void run_until(Duration since_start) { world_.run_for(started_ + since_start - world_.now()); }
  void add_path(Duration round_trip, std::uint64_t bits_per_second);
  // What was read before counts no more.
  void count_from(TimePoint at);

  double mbit() const { return meter_.mbit(world_.now()); }
  double longest_gap_ms() const { return to_ms(meter_.gap(world_.now())); }
  TwoEnds& world() { return world_; }
  const std::vector<std::uint64_t>& pipes() const { return pipes_; }  // by number, in the order they were added
  const std::vector<double>& request_ms() const { return request_ms_; }
  std::uint64_t wrong();       // bytes that nobody sent; a session that is gone counts as one
  std::uint64_t unanswered();  // requests that wait for more than a second

 private:
  void begin(SessionAtEnd& session);
  void measure(Application& app);
  void request();

  Plan plan_;
  TwoEnds world_;
  Dice dice_;
  Meter meter_;
  TimePoint started_{};
  core::StreamId bulk_ = 1;
  std::vector<std::uint64_t> pipes_;
  std::vector<double> request_ms_;
};

double percentile(std::vector<double> values, double share);

}  // namespace footbridge::sim
