// Network: what lies between the programs of the model, as a program sees it: how to reach a broker, how to make a link
// with somebody, how to dial an egress. The world implements it and decides what works, and how well.
// Thread: one.
#pragma once

#include <string>

#include "core/proxy/proxy_engine.hpp"
#include "sim/model/broker_site.hpp"
#include "sim/model/hop.hpp"

namespace footbridge::sim::model {

// End 0 of a link is the client's, of a leg the proxy's.
inline constexpr int kNear = 0;
inline constexpr int kFar = 1;

class ModelProxy;

class Network {
 public:
  virtual ~Network() = default;
  virtual BrokerSite& broker_of(Actor who) = 0;
  virtual core::RequesterInfo requester(Actor who) = 0;

  // What this end tells of itself, with its addresses: the answering proxy's end of a new link, or a client's offer.
  virtual wire::Sdp offer(std::uint64_t client) = 0;
  virtual Hop& answer_link(std::uint64_t proxy, wire::Sdp& answer) = 0;
  // The client has the answer. null: nobody is there any more. Opens later, if the two can meet.
  virtual Hop* join_link(std::uint64_t client, const wire::Sdp& answer) = 0;
  // Is a session of that name alive at that egress? A client that gives up one that lives loses streams for nothing.
  virtual bool session_lives(const wire::EgressId& egress, const SessionId& session) = 0;
  // Later on_leg() or on_leg_refused() of the proxy, if it still lives; nothing at all if messages get lost.
  virtual void dial(ModelProxy& proxy, core::SlotRef at, const std::string& url) = 0;
};

}  // namespace footbridge::sim::model
