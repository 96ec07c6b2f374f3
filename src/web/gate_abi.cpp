// What core.wasm exports for the page, where the bytes are: core::RelayGate as numbers. The page has an instance of its
// own; the worker's holds the volunteer. A broken invariant traps, as there.
#include "core/browser/relay_gate.hpp"

#define FB_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace footbridge::web {
namespace {

constinit core::RelayGate gate;

TimePoint time_of(double milliseconds) {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(milliseconds)));
}

}  // namespace
}  // namespace footbridge::web

using footbridge::web::gate;

// 0: no limit.
FB_EXPORT(fb_gate_limit) void fb_gate_limit(std::uint32_t bytes_per_second) {
  gate.set_bytes_per_second(bytes_per_second == 0 ? std::nullopt : std::optional<std::uint64_t>(bytes_per_second));
}

FB_EXPORT(fb_gate_begin) void fb_gate_begin(std::uint32_t slot) { gate.begin(slot); }

FB_EXPORT(fb_gate_may_wait) std::uint32_t fb_gate_may_wait(std::uint32_t slot, std::uint32_t bytes) {
  return gate.may_wait(slot, bytes) ? 1 : 0;
}

// `way`: core::RelayWay.
FB_EXPORT(fb_gate_may_go)
std::uint32_t fb_gate_may_go(double now, std::uint32_t slot, std::uint32_t way, std::uint32_t bytes,
                             std::uint32_t queued) {
  const auto to = way == 0 ? footbridge::core::RelayWay::ToLeg : footbridge::core::RelayWay::ToLink;
  return gate.may_go(footbridge::web::time_of(now), slot, to, bytes, queued) ? 1 : 0;
}
