#include "core/path/filler.hpp"

#include <algorithm>

namespace footbridge::core {

namespace {

// Lengths are spread evenly over octaves (24–47, 48–95, …): most fillers are as short as the control packets among
// which they hide, a few as long as a full one, and the average costs a third of a packet.
std::size_t filler_bytes(std::size_t max_bytes, Rng& rng) {
  std::size_t octaves = 1;
  while ((kMinFillerBytes << octaves) <= max_bytes) ++octaves;
  const auto low = kMinFillerBytes << rng.between(0, octaves - 1);
  return static_cast<std::size_t>(rng.between(low, std::min(2 * low - 1, max_bytes)));
}

}  // namespace

FillerPolicy::FillerPolicy(bool enabled, std::size_t max_bytes)
    : enabled_(enabled && max_bytes >= kMinFillerBytes), max_message_bytes_(max_bytes) {}

unsigned FillerPolicy::before_packet(Duration silence, Rng& rng) {
  if (!enabled_) return 0;
  const bool shaped = packets_seen_ < kShapedPackets;
  const bool first = packets_seen_ == 0;
  if (shaped) ++packets_seen_;
  unsigned most = 0;
  if (first)
    most = kMaxLeadingFillers;
  else if (shaped)
    most = first_flight_bytes_ < kFirstFlightFillerBytes ? kMaxFillersPerShapedPacket : 0;
  else if (silence >= kSilenceToBreak)
    most = kMaxFillersAfterSilence;
  return most == 0 ? 0 : static_cast<unsigned>(rng.between(0, most));
}

Bytes FillerPolicy::make(Rng& rng) {
  auto most = std::min(max_message_bytes_, kMaxFillerBytes);
  const bool first_flight = packets_seen_ <= kShapedPackets && first_flight_bytes_ < kFirstFlightFillerBytes;
  if (first_flight) most = std::clamp(kFirstFlightFillerBytes - first_flight_bytes_, kMinFillerBytes, most);
  auto filler = rng.bytes(filler_bytes(most, rng));
  filler.front() &= ~kPacketBit;
  if (first_flight) first_flight_bytes_ += filler.size();
  return filler;
}

std::optional<std::size_t> FillerPolicy::shaped_packet_bytes(Rng& rng) const {
  if (!enabled_ || packets_seen_ >= kShapedPackets || max_message_bytes_ < kFragmentBytes) return std::nullopt;
  return static_cast<std::size_t>(rng.between(kMinShapedPacketBytes, kFragmentBytes));
}

std::size_t FillerPolicy::stretch_bytes(std::size_t message_bytes, Rng& rng) const {
  const auto most = std::min(kMaxStretchedBytes, max_message_bytes_);
  if (!enabled_ || message_bytes >= most) return 0;
  return static_cast<std::size_t>(rng.between(0, most - message_bytes));
}

}  // namespace footbridge::core
