// What a volunteer's program counts: people and bytes, never who or where.
#pragma once

#include "core/proxy/relay.hpp"
#include "observe/metrics.hpp"
#include "programs/proxy/idle_why.hpp"
#include "transport/webrtc/link.hpp"

namespace footbridge::proxy {

enum class RelayQueue : std::uint8_t { ToLeg, ToLink };
constexpr std::string_view name(RelayQueue queue) { return queue == RelayQueue::ToLeg ? "to-leg" : "to-link"; }

struct VolunteerMetrics {
  explicit VolunteerMetrics(observe::Registry& registry)
      : clients(registry.gauge("footbridge_proxy_clients", "People connected right now.")),
        standby(
            registry.gauge("footbridge_proxy_clients_standby", "Of those, the ones who carry nothing at the moment.")),
        clients_helped(registry.counter("footbridge_proxy_clients_helped_total", "People helped since the start.")),
        ports_mapped(registry.gauge("footbridge_proxy_ports_mapped", "Ports that the home router forwards to us.")),
        udp_legs(registry.counter("footbridge_proxy_udp_legs_total", "Relay legs opened over UDP.")),
        udp_legs_failed(registry.counter("footbridge_proxy_udp_legs_failed_total",
                                         "Relay legs that did not open over UDP and were tried over WebSocket.")),
        idle(registry.counters<IdleWhy, kIdleWhys>("footbridge_proxy_idle_total",
                                                   "Polls that were sent away because of our tests.", "why",
                                                   {IdleWhy::Unreachable, IdleWhy::LeadsNowhere})),
        dropped(registry.counters<core::RelayDrop, core::kRelayDrops>(
            "footbridge_proxy_messages_dropped_total", "Messages not forwarded, after each client has left.", "reason",
            {core::RelayDrop::Backlog, core::RelayDrop::TooLarge, core::RelayDrop::NotOpen, core::RelayDrop::Foreign,
             core::RelayDrop::Early})),
        queue_dropped(
            registry.counters<RelayQueue, 2>("footbridge_queue_dropped_total",
                                             "Messages not forwarded because this queue was full, after each client "
                                             "has left.",
                                             "queue", {RelayQueue::ToLeg, RelayQueue::ToLink})),
        link_setup(registry.histograms<webrtc::LinkKind, 2>(
            "footbridge_link_setup_seconds", "From a client's offer to an open link, of those that opened.",
            "transport", {webrtc::LinkKind::DataChannel, webrtc::LinkKind::Native}, {0.1, 0.25, 0.5, 1, 2, 4, 8, 16})) {
  }

  // `kind`: none of a link that has closed again.
  void link_opened(std::optional<webrtc::LinkKind> kind, Duration after) {
    if (kind) link_setup[*kind].observe(after);
  }
  // When a client has left.
  void add(const core::Relay& relay) {
    for (std::size_t i = 0; i < core::kRelayDrops; ++i)
      dropped[static_cast<core::RelayDrop>(i)].add(relay.to_leg().dropped[i] + relay.to_link().dropped[i]);
    constexpr auto kFull = static_cast<std::size_t>(core::RelayDrop::Backlog);
    queue_dropped[RelayQueue::ToLeg].add(relay.to_leg().dropped[kFull]);
    queue_dropped[RelayQueue::ToLink].add(relay.to_link().dropped[kFull]);
  }

  observe::Gauge& clients;
  observe::Gauge& standby;
  observe::Counter& clients_helped;
  observe::Gauge& ports_mapped;
  observe::Counter& udp_legs;
  observe::Counter& udp_legs_failed;
  observe::Family<observe::Counter, IdleWhy, kIdleWhys> idle;
  observe::Family<observe::Counter, core::RelayDrop, core::kRelayDrops> dropped;
  observe::Family<observe::Counter, RelayQueue, 2> queue_dropped;
  observe::Family<observe::Histogram, webrtc::LinkKind, 2> link_setup;
};

}  // namespace footbridge::proxy
