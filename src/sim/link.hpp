// Link: one direction of a way between two ends of the virtual network, and what the weather on it does to a message:
// when it arrives, how often, or never. It keeps no message and no queue of its own: the sender asks, and schedules.
//
//   sender ─▶ too long? ─▶ cut? ─▶ queue (bytes, drop-tail) ─▶ rate ─▶ loss, bursts ─▶ delay, jitter, holding back ─▶
//   end
//
// A message longer than one fragment pays each fragment's overhead, and is lost when one of its fragments is: so a data
// channel behaves towards packets of several chunks.
//
// Deterministic: everything follows from the seed and the calls. Nothing is drawn for what is switched off. Time may
// not run backwards. Threads: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge::sim {

// Loss that comes in bursts (Gilbert 1960, Elliott 1963), judged once per fragment.
//
//   Calm ──enter──▶ Burst      in a burst a fragment is lost with probability `loss`
//     ◀──leave──────┘
struct LossBursts {
  double enter = 0;  // 0: never
  double leave = 1;
  double loss = 1;
};

struct LinkWeather {
  Duration delay = Millis{20};  // one way, without queue
  Duration jitter{};            // uniform on top
  bool keeps_order = true;      // a later message waits for one that jitter has delayed
  double loss = 0;              // of a fragment
  LossBursts bursts;
  double duplicates = 0;                 // of a message: arrives twice, the second time up to `held_back` later
  double reordered = 0;                  // of a message: held back, others overtake it
  Duration held_back = Millis{30};       // at most
  std::uint64_t bytes_per_second = 0;    // 0: as fast as you like, and never a queue
  std::size_t queue_bytes = 128 * 1024;  // waiting for the wire; what would not fit is dropped
  std::size_t overhead_bytes = 0;        // headers below us, per fragment
  std::size_t fragment_bytes = 65'536;
  std::size_t max_message_bytes = 65'536;
};

// Messages, by what became of them.
struct LinkCounters {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;     // weather
  std::uint64_t dropped = 0;  // no room in the queue
  std::uint64_t too_long = 0;
  std::uint64_t cut = 0;  // sent while the link was cut
  std::uint64_t doubled = 0;
  std::uint64_t held_back = 0;
  std::uint64_t wire_bytes = 0;  // overhead included
};

class Link {
 public:
  Link(const LinkWeather& weather, std::uint64_t seed);

  // When a message given now arrives: never, once, or twice. Valid until the next call.
  std::span<const TimePoint> send(TimePoint now, std::size_t bytes);

  // A cut link swallows what is sent, and what is on its way: whoever delivers asks cut() at the arrival, too. Nobody
  // is told. Partition: cut for a while. Silent death: cut for good.
  void cut(bool is_cut) { cut_ = is_cut; }
  bool is_cut() const { return cut_; }
  // From now on; what waits in the queue keeps its place.
  void change(const LinkWeather& weather) { weather_ = weather; }
  const LinkWeather& weather() const { return weather_; }

  // What waits for the wire, and when that will be on its way.
  std::size_t queued_bytes(TimePoint now) const;
  TimePoint drained_at() const { return busy_until_; }
  const LinkCounters& counters() const { return counters_; }

 private:
  bool chance(double probability);
  Duration up_to(Duration most);
  bool loses(std::size_t fragments);

  LinkWeather weather_;
  SeededRng rng_;
  TimePoint busy_until_{};
  TimePoint last_arrival_{};
  bool in_burst_ = false;
  bool cut_ = false;
  LinkCounters counters_;
  std::array<TimePoint, 2> arrivals_{};
};

}  // namespace footbridge::sim
