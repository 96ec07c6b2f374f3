#include "core/path/packet_ladder.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

PacketLadder::PacketLadder(std::size_t max_bytes) : max_bytes_(max_bytes) {
  FB_ASSERT(max_bytes > 0);
  while (top_ + 1 < kPacketRungs.size() && kPacketRungs[top_ + 1] <= max_bytes) ++top_;
}

std::size_t PacketLadder::rung_bytes(std::size_t rung) const {
  // What takes less than two fragments carries datagrams and no SCTP: there a packet may be as long as it takes.
  const bool fragments = max_bytes_ >= 2 * kFragmentBytes;
  return fragments ? kPacketRungs[rung] : max_bytes_;
}

std::size_t PacketLadder::next_packet_bytes(Rng& rng) {
  if (top_ == 0) return small_bytes();
  if (large_until_small_ == 0) {
    // With one small packet per n large ones of k times its size, small bytes are 1/(1 + nk) of all: n = 19/k on
    // average. The gap is uniform around that, so that neither a watcher nor a queue finds a period to lock on to.
    // Until the first verdict on a rung as many are small as are large: what is to be found out is found out soon.
    const bool undecided = small_.settled < kMinVerdictPackets;
    const auto large_bytes = rng.between(0, 2 * (kSmallShareDivisor - 1) * small_bytes());
    large_until_small_ = undecided ? rng.between(0, 2) : (large_bytes + top_bytes() / 2) / top_bytes();
    return small_bytes();
  }
  --large_until_small_;
  return top_bytes();
}

void PacketLadder::Tally::count(DatagramFate fate) {
  ++settled;
  if (fate == DatagramFate::Lost) {
    ++lost;
    group_harmed = true;
  }
  if (++in_group < kJudgedTogether) return;
  ++groups;
  if (group_harmed) ++harmed;
  in_group = 0;
  group_harmed = false;
}

void PacketLadder::Tally::halve() {
  for (auto* count : {&settled, &lost, &groups, &harmed}) *count /= 2;
}

void PacketLadder::on_fate(std::size_t packet_bytes, DatagramFate fate) {
  if (top_ == 0) return;
  if (packet_bytes != small_bytes() && packet_bytes != top_bytes()) return;
  const bool large = packet_bytes != small_bytes();
  auto& tally = large ? large_ : small_;
  tally.count(fate);
  if (is_black_hole(large, fate) || large_is_worse()) step_down();
  if (small_.settled >= kFadePackets) fade();
}

bool PacketLadder::is_black_hole(bool large, DatagramFate fate) {
  if (fate == DatagramFate::Acked) {
    small_arrived_ |= !large;
    if (large) turns_without_large_ = 0;
  } else if (large && std::exchange(small_arrived_, false)) {
    ++turns_without_large_;
  }
  return turns_without_large_ >= kBlackHoleTurns;
}

// Two-proportion z-test, squared so that no root is needed.
bool PacketLadder::large_is_worse() const {
  if (small_.settled < kMinVerdictPackets || large_.settled < kMinVerdictPackets) return false;
  const auto share = [](std::uint64_t part, std::uint64_t of) {
    return static_cast<double>(part) / static_cast<double>(of);
  };
  if (share(large_.lost, large_.settled) - share(small_.lost, small_.settled) <= kWorsePerMille / 1000.0) return false;
  const auto difference = share(large_.harmed, large_.groups) - share(small_.harmed, small_.groups);
  if (difference <= 0) return false;
  const auto pooled = share(large_.harmed + small_.harmed, large_.groups + small_.groups);
  const auto variance = pooled * (1 - pooled) * (share(1, large_.groups) + share(1, small_.groups));
  return difference * difference >= kWorseStandardErrors * kWorseStandardErrors * variance;
}

void PacketLadder::step_down() {
  FB_ASSERT(top_ > 0);
  --top_;
  ++steps_down_;
  small_ = {};
  large_ = {};
  large_until_small_ = 0;
  small_arrived_ = false;
  turns_without_large_ = 0;
}

void PacketLadder::fade() {
  small_.halve();
  large_.halve();
}

}  // namespace footbridge::core
