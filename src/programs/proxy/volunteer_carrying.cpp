#include <map>
#include <set>

#include "programs/proxy/volunteer.hpp"

namespace footbridge::proxy {

std::vector<Volunteer::Carrying> Volunteer::carrying(TimePoint now) const {
  std::map<std::string, std::set<core::PersonNumber>> by_relay;
  for (const auto& stay : stays_) {
    if (!stay || !stay->person || !stay->activity() || !stay->activity()->helping(now)) continue;
    const auto slot = stay->at().slot;
    if (engine_.state(slot) != core::ProxyEngine::State::Relaying) continue;
    const auto& url = engine_.leg_url(slot).reveal_to_socket();
    by_relay[url.substr(0, url.rfind('/'))].insert(*stay->person);
  }
  std::vector<Carrying> out;
  for (const auto& [relay, people] : by_relay)
    out.push_back({Private(relay), static_cast<std::uint32_t>(people.size())});
  return out;
}

}  // namespace footbridge::proxy
