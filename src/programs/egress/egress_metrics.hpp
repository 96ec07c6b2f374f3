// What an egress counts. Labels are closed enums; nothing here names a client or a destination.
#pragma once

#include <array>

#include "core/egress/egress_flows.hpp"
#include "core/egress/heartbeats.hpp"
#include "core/rendezvous/leg_token_guard.hpp"
#include "observe/metrics.hpp"
#include "programs/egress/bridge.hpp"
#include "programs/egress/migrations.hpp"
#include "wire/session_open.hpp"

namespace footbridge::egress {

struct EgressMetrics {
  explicit EgressMetrics(observe::Registry& registry)
      : sessions(registry.gauge("footbridge_egress_sessions", "Sessions that exist now.")),
        paths(registry.gauge("footbridge_egress_paths", "Relay legs with a path over them now.")),
        streams_live(registry.gauge("footbridge_egress_streams",
                                    "Streams of all sessions, until the client has confirmed their end.")),
        sessions_begun(registry.counter("footbridge_egress_sessions_begun_total", "Sessions begun.")),
        streams(registry.counters<wire::OpenStatus, 9>(
            "footbridge_egress_stream_opens_total", "Streams by how opening went.", "status",
            {wire::OpenStatus::Connected, wire::OpenStatus::Refused, wire::OpenStatus::Unreachable,
             wire::OpenStatus::DnsFailure, wire::OpenStatus::Policy, wire::OpenStatus::TimedOut,
             wire::OpenStatus::Limit, wire::OpenStatus::Unsupported, wire::OpenStatus::Internal})),
        migrations(registry.counters<Migration, 3>("footbridge_session_migrations_total",
                                                   "Paths that left a session with streams, by how that went on.",
                                                   "outcome", {Migration::Kept, Migration::Resumed, Migration::Lost})),
        bridge_streams(registry.counter("footbridge_egress_bridge_streams_total",
                                        "Streams that the bridge behind this egress took.")),
        bridge_failures(registry.counters<BridgeErrc, 9>(
            "footbridge_egress_bridge_failures_total", "Streams that did not reach the bridge, by why.", "why",
            {BridgeErrc::Refused, BridgeErrc::Unreachable, BridgeErrc::TimedOut, BridgeErrc::NoCookie,
             BridgeErrc::WrongCookie, BridgeErrc::NotBelieved, BridgeErrc::Denied, BridgeErrc::NoExtOrPort,
             BridgeErrc::Failed})),
        flows_live(registry.gauge("footbridge_egress_flows", "UDP flows with a socket now.")),
        flows(registry.counters<wire::FlowStatus, 6>(
            "footbridge_egress_flow_opens_total", "UDP flows by how opening went, as far as the limits let them begin.",
            "status",
            {wire::FlowStatus::Opened, wire::FlowStatus::Unreachable, wire::FlowStatus::DnsFailure,
             wire::FlowStatus::Policy, wire::FlowStatus::Limit, wire::FlowStatus::Internal})),
        flow_drops(registry.counters<core::FlowDrop, 4>(
            "footbridge_egress_flow_drops_total", "UDP packets of clients that did not leave, by reason.", "reason",
            {core::FlowDrop::Malformed, core::FlowDrop::Unanswered, core::FlowDrop::DnsRate, core::FlowDrop::Waiting})),
        legs_refused(registry.counters<core::LegRefusal, 6>(
            "footbridge_egress_legs_refused_total", "Relay legs turned away, by what was wrong with their token.",
            "reason",
            {core::LegRefusal::Forged, core::LegRefusal::Version, core::LegRefusal::Expired,
             core::LegRefusal::TooFarAhead, core::LegRefusal::Used, core::LegRefusal::Full})),
        tickets_refused(registry.counters<core::TicketRefusal, 7>(
            "footbridge_egress_tickets_refused_total", "Clients turned away, by what was wrong with their ticket.",
            "reason",
            {core::TicketRefusal::Forged, core::TicketRefusal::Version, core::TicketRefusal::Expired,
             core::TicketRefusal::TooFarAhead, core::TicketRefusal::OtherMatch, core::TicketRefusal::OtherBoot,
             core::TicketRefusal::Used})),
        legs_handed_over(registry.counter("footbridge_egress_legs_handed_over_total",
                                          "Relay legs that came to one worker and belong to another.")),
        heartbeats(registry.counters<core::Heartbeats::Echo, 4>(
            "footbridge_egress_heartbeats_total", "Reports to brokers, by what came back.", "echo",
            {core::Heartbeats::Echo::None, core::Heartbeats::Echo::Taken, core::Heartbeats::Echo::Nobody,
             core::Heartbeats::Echo::WrongTime})),
        receipts_told(registry.counter("footbridge_egress_receipts_told_total",
                                       "What became of paths, put into reports; each for every broker.")),
        udp_legs(registry.counter("footbridge_egress_udp_legs_total", "Relay legs that came over UDP.")),
        relayed_bytes_up(registry.counter("footbridge_egress_relayed_up_bytes_total", "Payload from clients.")),
        relayed_bytes_down(registry.counter("footbridge_egress_relayed_down_bytes_total", "Payload to clients.")) {}

  observe::Gauge& sessions;
  observe::Gauge& paths;
  observe::Gauge& streams_live;
  observe::Counter& sessions_begun;
  observe::Family<observe::Counter, wire::OpenStatus, 9> streams;
  observe::Family<observe::Counter, Migration, 3> migrations;
  observe::Counter& bridge_streams;
  observe::Family<observe::Counter, BridgeErrc, 9> bridge_failures;
  observe::Gauge& flows_live;
  observe::Family<observe::Counter, wire::FlowStatus, 6> flows;
  observe::Family<observe::Counter, core::FlowDrop, 4> flow_drops;
  observe::Family<observe::Counter, core::LegRefusal, 6> legs_refused;
  observe::Family<observe::Counter, core::TicketRefusal, 7> tickets_refused;
  observe::Counter& legs_handed_over;
  observe::Family<observe::Counter, core::Heartbeats::Echo, 4> heartbeats;
  observe::Counter& receipts_told;
  observe::Counter& udp_legs;
  observe::Counter& relayed_bytes_up;
  observe::Counter& relayed_bytes_down;
};

}  // namespace footbridge::egress
