#include "sim/stack/network.hpp"

#include "base/assert.hpp"

namespace footbridge::sim {

Pipe& Network::open_pipe(const PipeWeather& weather) {
  const auto number = ++last_pipe_;
  auto& place = pipes_[number];
  place = std::make_unique<Pipe>(*this, number, weather, seed.child("pipe", number));
  return *place;
}

Pipe* Network::find_pipe(std::uint64_t number) {
  const auto found = pipes_.find(number);
  return found == pipes_.end() ? nullptr : found->second.get();
}

void Network::for_each_pipe(const std::function<void(Pipe&)>& visit) {
  for (const auto& [number, pipe] : pipes_) visit(*pipe);
}

bool Network::run_until(const std::function<bool()>& done, TimePoint until, const std::function<void()>& after) {
  std::uint64_t at_once = 0;
  while (!done()) {
    const auto before = now();
    const auto turn = queue.pop_until(until);
    if (!turn) return false;
    at_once = now() == before ? at_once + 1 : 0;
    FB_ASSERT(at_once < kMaxEventsAtOnce);
    (*turn)();
    if (after) after();
  }
  return true;
}

}  // namespace footbridge::sim
