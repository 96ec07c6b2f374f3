// Ground: what everything in a simulated world stands on: the queue of events, the trace, what was found to be wrong.
// Timed: something that has deadlines and may vanish at any moment (a crash), with all that was still to happen to it.
//
// Ownership: the ground outlives what stands on it. Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sim/event_queue.hpp"
#include "sim/seed.hpp"
#include "sim/task.hpp"
#include "sim/trace.hpp"

namespace footbridge::sim {

// What must hold at every moment, whatever the faults (P1 to P6), and what must come true once they are over.
enum class Property : std::uint8_t {
  SoldOnce,        // P1: an offer is answered by one proxy at most, a slot is sold once
  ExactBytes,      // P2: bytes delivered are a prefix of bytes sent, and nobody is accused wrongly
  Bounded,         // P3: every queue is within its bound, memory within its budget
  SilentBefore,    // P4: nothing leaves before authentication except what is documented
  NothingPrivate,  // P5: no private address in what is meant for somebody else
  TerminalInTime,  // P6: every object reaches a terminal state after its deadline
  Liveness,        // once faults are over: who can be connected is, and all streams progress
  SameTrace,       // two runs of one seed are the same
};
std::string_view name(Property property);

struct Finding {
  Property property = Property::SoldOnce;
  TimePoint at{};
  std::uint64_t event = 0;  // how many had happened
  std::string what;         // who, and what was seen
};

class Timed;

// Names something that stands on the ground, also after it has vanished.
struct Standing {
  std::uint32_t place = 0;
  std::uint32_t generation = 0;
  friend auto operator<=>(const Standing&, const Standing&) = default;
};

class Ground {
 public:
  Ground(Seed seed, Trace trace) : seed_(seed), trace_(std::move(trace)) {}
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  TimePoint now() const { return queue_.now(); }
  const Seed& seed() const { return seed_; }
  Trace& trace() { return trace_; }
  EventQueue<Task>& queue() { return queue_; }
  void story(Actor who, std::string_view what, std::initializer_list<Field> fields = {}) {
    trace_.story(now(), who, what, fields);
  }

  // The first finding counts; the world stops at it.
  void broken(Property property, Actor who, std::string what);
  const std::optional<Finding>& finding() const { return finding_; }

  // null: it has vanished.
  Timed* find(Standing standing) const {
    const auto& found = places_[standing.place];
    return found.generation == standing.generation ? found.standing : nullptr;
  }

  // Runs what happens up to `until`, or up to a finding. Time that does not move on is one (P6).
  void run(TimePoint until);

 private:
  friend class Timed;
  struct Spot {
    Timed* standing = nullptr;
    std::uint32_t generation = 0;
  };

  Seed seed_;
  Trace trace_;
  EventQueue<Task> queue_;
  std::vector<Spot> places_;
  std::vector<std::uint32_t> free_;
  std::optional<Finding> finding_;
};

class Timed {
 public:
  explicit Timed(Ground& ground);
  virtual ~Timed();
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  Ground& ground() const { return ground_; }
  TimePoint now() const { return ground_.now(); }
  Standing standing() const { return standing_; }
  // Unless this has vanished by then.
  template <class Callable>
  void later(Duration delay, Callable callable) {
    ground_.queue_.after(delay, [ground = &ground_, standing = standing_, call = std::move(callable)]() mutable {
      if (ground->find(standing) != nullptr) call();
    });
  }

 protected:
  // One deadline: on_alarm() is called when it has come, or earlier; it asks again by set_alarm().
  void set_alarm(std::optional<TimePoint> deadline);
  virtual void on_alarm() = 0;

 private:
  Ground& ground_;
  Standing standing_;
  EventHandle alarm_;
  TimePoint alarm_at_{};
  bool armed_ = false;
};

}  // namespace footbridge::sim
