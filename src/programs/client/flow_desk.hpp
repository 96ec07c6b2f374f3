// FlowDesk: the UDP associations of one session. It knows which flow belongs to whom (core/session/client_flows.hpp)
// and passes packets between them and the session.
//
// Ownership: the host outlives it. Associations are their users'; when the session ends they hear of it, and do nothing
// from then on. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "base/bytes.hpp"
#include "core/session/client_flows.hpp"
#include "io/deadline_timer.hpp"
#include "io/session_host.hpp"

namespace footbridge::client {

class FlowDesk;

class AssociationEvents {
 public:
  virtual ~AssociationEvents() = default;
  // A packet of a destination that the association has sent to. The view ends with the call.
  virtual void on_packet(const Private<wire::Destination>& from, ByteView payload) = 0;
  // Once, last: the session is over.
  virtual void on_association_over() = 0;
};

// What one application exchanges by UDP. Destroying it closes its flows.
class Association {
 public:
  Association(FlowDesk& desk, core::AssociationId id) : desk_(&desk), id_(id) {}
  ~Association();
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  void send(const wire::Destination& to, ByteView payload);

 private:
  friend class FlowDesk;
  FlowDesk* desk_;  // null once the session is over
  core::AssociationId id_;
};

class FlowDesk {
 public:
  FlowDesk(asio::any_io_executor executor, io::SessionHost& host, Rng& rng);
  FlowDesk(const FlowDesk&) = delete;
  FlowDesk& operator=(const FlowDesk&) = delete;

  // Whether the egress takes UDP at all.
  bool carries_udp() { return host_.session().carries_flows(); }
  // `events` outlives the association, which may be destroyed from inside them.
  std::unique_ptr<Association> associate(AssociationEvents& events);
  void on_message(TimePoint now, core::FlowId flow, ByteView message);
  // The session is over.
  void close();

 private:
  friend class Association;
  struct Member {
    Association* association = nullptr;
    AssociationEvents* events = nullptr;
  };
  void send(core::AssociationId id, const wire::Destination& to, ByteView payload);
  void forget(core::AssociationId id);
  void settle(TimePoint now);

  io::SessionHost& host_;
  core::ClientFlows flows_;
  std::uint64_t next_id_ = 1;
  std::map<core::AssociationId, Member> members_;  // bounded by the front door
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::client
