#include "sim/model/fault_mix.hpp"

#include <algorithm>

namespace footbridge::sim::model {
namespace {

constexpr std::array<std::string_view, kFaults> kNames = {
    "loss",           "bursts",           "duplicates",       "reordering",   "jitter",
    "slow-lines",     "lossy-rendezvous", "silent-death",     "cut",          "leg-reset",
    "proxy-crash",    "proxy-freeze",     "proxy-slots",      "client-crash", "client-offline",
    "broker-restart", "egress-restart",   "egress-partition", "nat-restart",  "wrong-clock",
    "unknown-nat",    "slow-readers",     "gives-up"};
// With half of the kinds off, any two of them meet alone often enough.
constexpr double kOn = 0.5;
constexpr double kLeast = 0.1;

}  // namespace

std::string_view name(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

std::optional<Fault> fault_named(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Fault>(at - kNames.begin());
}

FaultMix::FaultMix(Seed seed, const std::vector<Fault>& allowed) {
  for (std::size_t i = 0; i < kFaults; ++i) {
    Dice dice(seed.child(kNames[i]));  // one kind more does not change what the others draw
    const bool may = allowed.empty() || std::ranges::count(allowed, static_cast<Fault>(i)) > 0;
    if (may && dice.chance(kOn)) strength_[i] = dice.real(kLeast, 1);
  }
}

}  // namespace footbridge::sim::model
