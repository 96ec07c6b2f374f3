// UnboundedDoor: POST /exec and GET /data as netstated of Browsers Unbounded has them, for reporters and tools of that
// network. Nobody signs there, so what is said is tagged as unsigned, and it is served on loopback addresses only. What
// its reporters say of the people they help, their addresses among it, is counted and dropped unread. Whoever is to see
// the network may see data(), and no page of anybody else that is open on this machine.
//
// Bounds: those of a request; kMaxUnboundedPeople. Ownership: the state outlives it. Threads: the executor's one
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/rng.hpp"
#include "programs/netstate/live_state.hpp"
#include "transport/http/message.hpp"

namespace footbridge::netstate {

inline constexpr std::size_t kMaxUnboundedPeople = 1'000;  // NTS-B31: of one report; theirs have five

class UnboundedDoor {
 public:
  UnboundedDoor(LiveState& live, Rng& rng) : live_(live), name_key_(rng.array<32>()) {}

  // Whether it is POST /exec.
  bool takes(const http::Request& request) const;
  http::Response exec(const http::Request& request);
  // The body of GET /data.
  std::string data();

 private:
  LiveState& live_;
  std::array<std::byte, 32> name_key_;  // reporters are told apart by sender and tag, under a key of this run
  std::uint64_t sequence_ = 0;
};

}  // namespace footbridge::netstate
