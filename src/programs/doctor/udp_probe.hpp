// Asks one STUN server who we are, on a socket connected to it: then the system tells when nobody listens there, which
// silence does not.
//
// Bounds: as core::StunQuestion says, some 3 s. Threads: the executor's one thread.
#pragma once

#include "base/address.hpp"
#include "base/rng.hpp"
#include "core/doctor/judge.hpp"
#include "io/asio.hpp"

namespace footbridge::doctor {

struct StunSeen {
  core::StunReach reach = core::StunReach::Silent;  // until more is known
  Duration took{};
};
asio::awaitable<StunSeen> probe_stun(Private<Endpoint> server, Rng& rng);

}  // namespace footbridge::doctor
