// The packets of a PlainConnection, and the numbers of RFC 9000 and RFC 9002 that it keeps to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace footbridge::sim::model {

inline constexpr std::byte kPacketMark{0x40};
inline constexpr std::byte kAckType{1};
inline constexpr std::byte kControlType{2};
inline constexpr std::byte kDatagramType{4};
inline constexpr std::byte kCloseType{8};
inline constexpr std::byte kPingType{16};

inline constexpr Duration kAckDelay = Millis{25};
inline constexpr std::uint32_t kLossThreshold = 3;
inline constexpr Duration kIdleTimeout = Seconds{60};
inline constexpr Duration kKeepAliveMin = Seconds{15};
inline constexpr Duration kKeepAliveMax = Seconds{25};
// A packet believed lost may still be acknowledged for so long.
inline constexpr Duration kLateAck = Seconds{2};
inline constexpr int kMostProbeDoublings = 6;

struct PlainPacket {
  std::uint32_t number = 0;
  bool acknowledges = false;
  std::uint32_t largest = 0;
  std::uint64_t before = 0;  // bit i: largest - 1 - i has arrived
  std::uint32_t control_offset = 0;
  ByteView payload;
};

// nullopt: cut short. Nobody forges packets in the model tier.
std::optional<PlainPacket> read_plain_packet(ByteView message);

}  // namespace footbridge::sim::model
