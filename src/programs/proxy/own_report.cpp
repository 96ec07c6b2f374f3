#include "programs/proxy/own_report.hpp"

namespace footbridge::proxy {

wire::StateReport own_report(const Volunteer& volunteer, OwnCondition condition,
                             const std::map<std::string, wire::SpkiSha256>& pins, const StateReporter& names,
                             TimePoint now) {
  wire::StateReport out;
  const auto carrying = volunteer.carrying(now);
  for (const auto& each : carrying) {
    const auto pin = pins.find(each.relay.reveal_to_socket());
    if (pin != pins.end() && out.legs.size() < wire::kMaxReportLegs)
      out.legs.push_back({names.egress_name(pin->second), each.people});
  }
  if (condition.draining)
    out.state = wire::NodeState::Draining;
  else if (!carrying.empty())
    out.state = wire::NodeState::Helping;
  else if (condition.paused)
    out.state = wire::NodeState::Paused;
  const auto carried = volunteer.carried();
  out.up_kib = wire::in_steps(carried.up_bytes / 1'024);
  out.down_kib = wire::in_steps(carried.down_bytes / 1'024);
  return out;
}

}  // namespace footbridge::proxy
