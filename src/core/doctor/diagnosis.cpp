#include "core/doctor/diagnosis.hpp"

#include <algorithm>
#include <utility>

namespace footbridge::core {
namespace {

using F = Finding;

bool is_remote(Check check) {
  switch (check) {
    case Check::Names:
    case Check::Clock:
    case Check::Directory:
    case Check::Broker:
    case Check::Egress:
    case Check::Udp:
    case Check::Stun:
    case Check::Nat:
    case Check::Router: return true;
    case Check::Configuration:
    case Check::State:
    case Check::Route:
    case Check::Ipv6:
    case Check::LocalProxy:
    case Check::Programs:
    case Check::Descriptors:
    case Check::Tor: return false;
  }
  return false;
}

class Seen {
 public:
  explicit Seen(const std::vector<Observation>& all) : all_(all) {}
  bool any(F finding) const {
    return std::ranges::any_of(all_, [&](const Observation& o) { return o.finding == finding; });
  }
  std::optional<F> first_failing(Check check) const {
    for (const auto& o : all_)
      if (const auto text = words(o.finding); text.check == check && text.level == Level::Problem) return o.finding;
    return std::nullopt;
  }
  // Somebody says no, or is not whom we meant: he, at least, was reached.
  bool anybody_spoke() const {
    return std::ranges::any_of(all_, [](const Observation& o) {
      const auto check = words(o.finding).check;
      if (check == Check::Stun) return o.finding == F::StunNobodyThere || o.finding == F::StunAnswers;
      if (check != Check::Broker && check != Check::Egress) return false;
      return !is_silence(o.finding) && !is_untried(o.finding);
    });
  }
  static bool is_untried(F finding) {
    return finding == F::BrokerNotAsked || finding == F::BrokerNoTime || finding == F::EgressNotAsked ||
           finding == F::EgressPrivate;
  }
  static bool is_silence(F finding) {
    return finding == F::BrokerSilent || finding == F::BrokerNoName || finding == F::EgressSilent ||
           finding == F::EgressNoName;
  }

 private:
  const std::vector<Observation>& all_;
};

// A way out may be there and lead nowhere; and a machine without one may need none.
void judge_route(std::vector<Observation>& all) {
  const auto route =
      std::ranges::find_if(all, [](const Observation& o) { return words(o.finding).check == Check::Route; });
  if (route == all.end()) return;
  const Seen seen(all);
  const bool tcp_silent = seen.any(F::BrokerSilent) || seen.any(F::BrokerNoName) || seen.any(F::EgressSilent);
  const bool else_silent = seen.any(F::NamesSilent) || seen.any(F::UdpSilent) || seen.any(F::UdpOneSilent);
  if (route->finding == F::RouteNone && seen.anybody_spoke()) route->finding = F::RouteNotNeeded;
  if (route->finding == F::RouteFine && tcp_silent && else_silent && !seen.anybody_spoke())
    route->finding = F::NothingAnswers;
}

bool is_one_of(F finding, std::initializer_list<F> list) { return std::ranges::find(list, finding) != list.end(); }

bool is_nameless(F finding) {
  return is_one_of(finding, {F::BrokerNoName, F::BrokerNoTime, F::EgressNoName, F::StunNoName, F::UdpNotAsked,
                             F::NatUnmeasured, F::ClockUnknown, F::DirectoryNone, F::DirectoryOver, F::DirectoryStale});
}
// A directory that was handed out is none: it is judged by the clock that is right.
bool is_of_time(F finding) {
  return is_one_of(finding,
                   {F::BrokerExpired, F::BrokerNotYet, F::BrokerStrange, F::EgressWrongTime, F::DirectoryNone});
}
bool is_of_nobody(F finding) {
  return is_one_of(finding, {F::ClockUnknown, F::DirectoryNone, F::DirectoryOver, F::DirectoryStale, F::UdpNotAsked,
                             F::NatUnmeasured});
}

std::optional<F> cause_of(const Seen& seen, F finding) {
  const auto check = words(finding).check;
  for (const auto none : {F::RouteNone, F::NothingAnswers})
    if (seen.any(none) && is_remote(check)) return none;
  if (seen.any(F::NamesSilent) && is_nameless(finding)) return F::NamesSilent;
  for (const auto clock : {F::ClockOff, F::ClockFarOff})
    if (seen.any(clock) && is_of_time(finding)) return clock;
  for (const auto state : {F::StateClosed, F::StateSpoiled, F::StateForeign, F::StateOpen})
    if (seen.any(state) && check == Check::Configuration) return state;
  if (const auto none = seen.first_failing(Check::Configuration); none && is_of_nobody(finding)) return none;
  if (!seen.any(F::BrokerAnswers) && is_of_nobody(finding))
    if (const auto broker = seen.first_failing(Check::Broker)) return broker;
  if (const auto udp = seen.first_failing(Check::Udp); udp && (check == Check::Stun || check == Check::Nat)) return udp;
  if (seen.any(F::UdpNotAsked) && finding == F::NatUnmeasured) return F::UdpNotAsked;
  return std::nullopt;
}

Level level_of(const Seen& seen, F finding) {
  const auto text = words(finding);
  const bool others_do = (text.check == Check::Broker && seen.any(F::BrokerAnswers)) ||
                         (text.check == Check::Egress && seen.any(F::EgressAnswers));
  return text.level == Level::Problem && others_do ? Level::Note : text.level;
}

}  // namespace

Diagnosis diagnose(std::vector<Observation> seen_all) {
  judge_route(seen_all);
  std::ranges::stable_sort(seen_all, {}, [](const Observation& o) { return words(o.finding).check; });
  const Seen seen(seen_all);
  Diagnosis out;
  for (const auto& o : seen_all) {
    const auto level = level_of(seen, o.finding);
    const auto cause = level == Level::Ok ? std::nullopt : cause_of(seen, o.finding);
    out.all.push_back({o, level, cause});
  }
  for (std::size_t i = 0; i < out.all.size(); ++i) {
    const auto& judged = out.all[i];
    if (judged.level == Level::Ok || judged.follows_from) continue;
    const auto told = std::ranges::find(out.causes, judged.seen.finding, &Cause::finding);
    if (told != out.causes.end())
      told->of.push_back(i);
    else
      out.causes.push_back({judged.seen.finding, judged.level, {i}});
  }
  std::ranges::stable_partition(out.causes, [](const Cause& cause) { return cause.level == Level::Problem; });
  out.problems = static_cast<std::size_t>(std::ranges::count(out.causes, Level::Problem, &Cause::level));
  return out;
}

}  // namespace footbridge::core
