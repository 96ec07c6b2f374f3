// What a volunteer tells netstate of itself (spec 18): a word for how it is, which egresses it carries to, and how much
// it has carried. An egress that its directory does not name is left out: nobody could say which it is. Any thread.
#pragma once

#include <map>
#include <string>

#include "programs/proxy/volunteer.hpp"
#include "programs/state_reporter.hpp"

namespace footbridge::proxy {

struct OwnCondition {
  bool paused = false;
  bool draining = false;
};

// `pins`: of the egress at each relay.
wire::StateReport own_report(const Volunteer& volunteer, OwnCondition condition,
                             const std::map<std::string, wire::SpkiSha256>& pins, const StateReporter& names,
                             TimePoint now);

}  // namespace footbridge::proxy
