#include "programs/netstate/live_state.hpp"

#include <cstring>

#include "crypto/primitives.hpp"
#include "io/clock.hpp"
#include "io/connection_permit.hpp"
#include "io/unix_millis.hpp"
#include "ops/values.hpp"

namespace footbridge::netstate {

LiveState::LiveState(asio::any_io_executor executor, const wire::RootKey& root, const core::ViewRules& rules, Rng& rng)
    : source_key_(rng.array<32>()),
      state_(root, rules, rng, io::now(), io::unix_millis()),
      stream_(executor, state_),
      timer_(executor, [this](TimePoint now) {
        state_.on_time(now, io::unix_millis());
        settle();
      }) {
  settle();
}

core::BatchAnswer LiveState::take(const Endpoint& from, ByteView batch) {
  const auto source = source_of(from);
  const auto out = state_.on_batch(io::now(), io::unix_millis(), source.network, source.country, batch);
  settle();
  return out;
}

core::BatchAnswer LiveState::take_unsigned(const Endpoint& from, wire::StateReport report) {
  const auto source = source_of(from);
  const auto out = state_.on_unsigned(io::now(), source.network, source.country, std::move(report));
  settle();
  return out;
}

std::string LiveState::snapshot_json() { return state_.snapshot(io::unix_millis()).json; }

// From this machine come those who are on it, and everybody when a web server is in front: one limit for all would be
// none for most, and their country is not known.
LiveState::Source LiveState::source_of(const Endpoint& from) const {
  if (ops::is_loopback(from.address)) return {};
  const auto hash = crypto::blake2b<8>(io::charged_prefix(from.address).view(), source_key_);
  std::uint64_t network = 0;
  std::memcpy(&network, hash.data(), hash.size());
  return {network, countries_.lookup(from.address)};
}

void LiveState::settle() {
  bool any = false;
  while (state_.poll()) any = true;
  if (any) stream_.wake();
  timer_.arm(state_.deadline());
}

}  // namespace footbridge::netstate
