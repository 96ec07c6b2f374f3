// What both ends of flows agree on without saying it, and the ignorable messages that both send (RFC 8701).
// Thread: any; FlowGrease: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/rng.hpp"
#include "wire/session_flow.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {

// Of a session, as many as streams. An egress holds one socket for each.
inline constexpr std::size_t kMaxFlows = 256;
// One message in this many, on average, is followed by one that means nothing.
inline constexpr std::uint64_t kFlowGreaseEvery = 256;

// Decides when an ignorable message is due.
class FlowGrease {
 public:
  explicit FlowGrease(Rng& rng) : rng_(rng), left_(rng.between(1, 2 * kFlowGreaseEvery)) {}
  // After each message: the ignorable one that follows it, now and then.
  std::optional<wire::FlowMessage> after_message() {
    if (--left_ > 0) return std::nullopt;
    left_ = rng_.between(1, 2 * kFlowGreaseEvery);
    const auto type = rng_.between(wire::kFirstIgnorableType, wire::kLastIgnorableType);
    return wire::FlowIgnorable{static_cast<std::uint8_t>(type)};
  }

 private:
  Rng& rng_;
  std::uint64_t left_;
};

}  // namespace footbridge::core
