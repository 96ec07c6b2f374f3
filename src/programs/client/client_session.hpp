// ClientSession: one session with an egress, as the client holds it: the streams' host, and what is needed to join
// further paths to it.
//
//   Live ──GO_AWAY──▶ Leaving ──last path over──▶ Over
//     └── no path for 120 s, egress forgot it, broken limit ──▶ Over
//
// Ownership: rng and events outlive it. Destroy it from a later turn of the loop than on_session_over().
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.hpp"
#include "core/session/memory_budget.hpp"
#include "core/session/path_handshake.hpp"
#include "io/session_host.hpp"
#include "programs/client/flow_desk.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::client {

// Both directions' windows and as much again for pages that are only partly used.
inline constexpr std::size_t kClientMemoryBytes = 4 * core::kSessionWindow;

class ClientSession;
class ClientSessionEvents {
 public:
  virtual ~ClientSessionEvents() = default;
  // Bytes of an application have moved; once per turn of the loop at most.
  virtual void on_session_traffic(TimePoint now) = 0;
  virtual void on_session_leaving(TimePoint now, ClientSession& session) = 0;
  // Once, last.
  virtual void on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) = 0;
};

class ClientSession final : private io::SessionHostEvents {
 public:
  enum class State : std::uint8_t { Live, Leaving, Over };

  // `egress` and `shard` as in the match that led to it: all its paths must go there.
  ClientSession(asio::any_io_executor executor, const wire::Ok& ok, const wire::EgressId& egress, std::uint16_t shard,
                Rng& rng, ClientSessionEvents& events);

  State state() const { return state_; }
  io::SessionHost& host() { return host_; }
  FlowDesk& flows() { return flows_; }
  const core::SessionGrant& grant() const { return grant_; }
  const wire::EgressId& egress() const { return egress_; }
  std::uint16_t shard() const { return shard_; }
  // Ends it here; on_session_over() follows in a later turn.
  void end();
  // The same, because the egress does not know it any more.
  void end_forgotten();

 private:
  void on_stream_opened(core::StreamId) override {}  // an egress opens none; the host resets it
  void on_settled() override;
  void on_flow_message(TimePoint now, core::FlowId flow, ByteView message) override;
  void on_go_away(Duration after) override;
  void on_session_ended(core::EndReason reason) override;

  ClientSessionEvents& events_;
  State state_ = State::Live;
  core::SessionGrant grant_;
  wire::EgressId egress_;
  std::uint16_t shard_;
  std::uint64_t moved_ = 0;  // bytes and messages of which on_session_traffic() has told
  core::BoundedMemory memory_{kClientMemoryBytes};
  io::SessionHost host_;
  FlowDesk flows_;
};

}  // namespace footbridge::client
