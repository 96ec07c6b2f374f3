// WayOrder: which of several ways to brokers the next request takes. A way that works is kept; one that fails is left
// for a while that doubles, with chance in it, so that many clients do not come back at once; one that works and has no
// help to give is asked last. When every way is being left, the one that is due first is taken: a request never waits
// here.
//
//   Fresh ──worked()──▶ first in the order
//     └──failed()──▶ Left until a time ──due──▶ Fresh     (worked(), on_network_change(): forgotten)
//
// Where the order is given, because others have the same one and meet by it, it never changes: what works does not go
// before what stands before it, and one that has no help to give is left for kPassedOver.
//
// Bounds: kMaxWays. Ownership: rng outlives it. Threads: none of its own; the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxWays = 64;  // FRT-B6: every broker through every front
// Long enough to try the others first, short enough for a broker that restarts.
inline constexpr Seconds kFirstWayPause{5};  // FRT-T3, doubled each time, half of it by chance
inline constexpr Seconds kMaxWayPause{600};  // FRT-T4: a way that is blocked for good costs one attempt in so long
// Two others may be asked to the end of their holds (CRV-T1) before it is its turn again.
inline constexpr Seconds kPassedOver{60};  // FRT-T7

class WayOrder {
 public:
  enum class Order : std::uint8_t { Learned, Given };

  // `preferred`: numbers of ways, best first, as order() once gave them; what is missing follows in an order by chance,
  // so that those who have tried nothing yet spread over all. 1 ≤ ways ≤ kMaxWays.
  WayOrder(std::size_t ways, std::span<const std::size_t> preferred, Rng& rng, Order kind = Order::Learned);

  std::size_t choose(TimePoint now) const;
  // True: the order is another one now, and worth remembering.
  bool worked(std::size_t way);
  void failed(TimePoint now, std::size_t way);
  // It answered, and could not help: the others first.
  void pass_over(TimePoint now, std::size_t way);
  // What failed, failed in another network; the order stays.
  void on_network_change();
  // These first, as they stand here, whatever worked or failed until now; what is being left stays so.
  void prefer(std::span<const std::size_t> ways);
  // Those that failed, and have not worked since.
  std::vector<std::size_t> failing() const;

  const std::vector<std::size_t>& order() const { return order_; }

 private:
  struct State {
    Duration pause{};  // the last one; zero: none
    std::optional<TimePoint> left_until;
  };
  Rng& rng_;
  Order kind_;
  std::vector<State> states_;       // by number
  std::vector<std::size_t> order_;  // numbers, the best first
};

}  // namespace footbridge::core
