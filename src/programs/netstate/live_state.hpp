// LiveState: core::Netstate on a loop: it is told the time, and whoever watches hears what is new. The one place where
// an address that a report came from becomes what may be known of it: a country, and a mark of its network under a key
// of this run.
//
// Ownership: `rng` outlives it; it outlives the feeds of its stream. Threads: the executor's one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "core/netstate/netstate.hpp"
#include "io/deadline_timer.hpp"
#include "ops/geo/country_table.hpp"
#include "programs/netstate/event_stream.hpp"

namespace footbridge::netstate {

class LiveState {
 public:
  LiveState(asio::any_io_executor executor, const wire::RootKey& root, const core::ViewRules& rules, Rng& rng);

  core::BatchAnswer take(const Endpoint& from, ByteView batch);
  // Of somebody who cannot sign (unbounded_door.hpp).
  core::BatchAnswer take_unsigned(const Endpoint& from, wire::StateReport report);
  void on_directory_serial(std::uint64_t serial) { state_.on_directory_serial(serial); }
  void set_countries(ops::CountryTable countries) { countries_ = std::move(countries); }

  const core::Netstate& state() const { return state_; }
  std::string snapshot_json();
  EventStream& stream() { return stream_; }

 private:
  struct Source {
    std::optional<std::uint64_t> network;
    Country country;
  };
  Source source_of(const Endpoint& from) const;
  void settle();

  std::array<std::byte, 32> source_key_;  // never written down
  core::Netstate state_;
  EventStream stream_;
  ops::CountryTable countries_;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::netstate
