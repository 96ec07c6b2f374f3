// Whom `footbridge doctor` asks: what options name, or else what the joined network lists. What options name is asked
// as the joined network asks that does list it, if there is one. Nothing is sent here.
// Threads: the caller's.
#pragma once

#include <optional>
#include <vector>

#include "core/doctor/finding.hpp"
#include "core/sealing/sealed_ways.hpp"
#include "programs/doctor/doctor_options.hpp"
#include "programs/joined_networks.hpp"
#include "transport/http/route.hpp"
#include "wire/url.hpp"

namespace footbridge::doctor {

struct Way {
  http::Route route;
  std::optional<core::WaySeal> seal;  // nullopt: of no network that was joined, and nothing is sealed
  unsigned broker = 1;                // numbers, as people read them
  unsigned front = 0;                 // of this broker; 0: directly
};

struct Relay {
  wire::Url url;
  std::optional<wire::SpkiSha256> pin;
};

struct Targets {
  core::Finding configuration = core::Finding::NothingJoined;
  bool spoiled = false;  // what was joined cannot be read
  std::optional<JoinedNetwork> joined;
  std::vector<Way> ways;
  bool in_order = false;  // a group asks the ways as they stand
  std::vector<Relay> relays;
  std::vector<Private<ops::HostPort>> stun;
};
Targets find_targets(const DoctorOptions& options, UnixSeconds now);
// Numbers of the ways as `footbridge connect` would take them: what helped here before first, the rest by chance; of a
// group as they stand. Brokers that only the invite knows come last.
std::vector<std::size_t> turns(const Targets& targets, const DoctorOptions& options, UnixSeconds now, Rng& rng);

}  // namespace footbridge::doctor
