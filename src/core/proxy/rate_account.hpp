// RateAccount: a limit of bytes a second as an account in time (the generic cell rate algorithm): each byte sent costs
// 1 / rate seconds, and messages go while what was sent is paid for. No limit costs a comparison.
// Bounds: what was not used may be made up for `burst`, and a message. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ratio>

#include "base/time.hpp"

namespace footbridge::core {

class RateAccount {
 public:
  explicit constexpr RateAccount(Duration burst) : burst_(burst) {}

  // nullopt: no limit.
  void set_bytes_per_second(std::optional<std::uint64_t> rate) { rate_ = rate; }
  bool paid(TimePoint now) const { return !rate_ || paid_until_ <= now; }
  // When all that was sent will have been paid for.
  TimePoint paid_until() const { return paid_until_; }
  void charge(TimePoint now, std::size_t bytes) {
    if (!rate_) return;
    const auto nanoseconds = bytes * std::uint64_t{std::nano::den} / std::max<std::uint64_t>(*rate_, 1);
    paid_until_ = std::max(paid_until_, now - burst_) + std::chrono::nanoseconds(nanoseconds);
  }

 private:
  Duration burst_;
  std::optional<std::uint64_t> rate_;
  TimePoint paid_until_{};
};

}  // namespace footbridge::core
