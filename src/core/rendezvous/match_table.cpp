#include "core/rendezvous/match_table.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

void MatchTable::add(OpenMatch match, TimePoint deadline) {
  FB_ASSERT(!full());
  const auto id = match.id;
  const bool fresh = open_.emplace(id, std::move(match)).second;
  FB_ASSERT(fresh);
  deadlines_.set(id, deadline);
}

OpenMatch* MatchTable::find(const MatchId& id) {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second;
}

void MatchTable::answered(OpenMatch& match) {
  FB_ASSERT(match.state == OpenMatch::State::Assigned);
  match.state = OpenMatch::State::Answered;
  deadlines_.erase(match.id);
}

void MatchTable::delivered(OpenMatch& match, TimePoint deadline) {
  FB_ASSERT(match.state == OpenMatch::State::Answered);
  match.state = OpenMatch::State::Delivered;
  deadlines_.set(match.id, deadline);
}

OpenMatch MatchTable::close(TimePoint now, const MatchId& id) {
  const auto found = open_.find(id);
  FB_ASSERT(found != open_.end());
  OpenMatch match = std::move(found->second);
  open_.erase(found);
  deadlines_.erase(id);
  while (!past_order_.empty() && (past_.size() >= kMaxPast || past_order_.front().first + kPastTtl <= now)) {
    past_.erase(past_order_.front().second);
    past_order_.pop_front();
  }
  past_.emplace(id, Past{match.proxy, match.network, match.run, {}});
  past_order_.emplace_back(now, id);
  return match;
}

std::optional<ProxyId> MatchTable::proxy_of(const MatchId& id) const {
  if (const auto open = open_.find(id); open != open_.end()) return open->second.proxy;
  if (const auto past = past_.find(id); past != past_.end()) return past->second.proxy;
  return std::nullopt;
}

OpenMatch MatchTable::close_opened(TimePoint now, const MatchId& id) {
  auto match = close(now, id);
  if (!match.complained_of) past_.at(id).complaints_until = now + kComplaintsFor;
  return match;
}

std::optional<MatchTable::Complaint> MatchTable::complain(TimePoint now, const MatchId& id) {
  if (auto* open = find(id)) {
    open->complained_of = open->complained_of || open->state == OpenMatch::State::Delivered;
    return std::nullopt;
  }
  const auto past = past_.find(id);
  if (past == past_.end() || past->second.complaints_until <= now) return std::nullopt;
  past->second.complaints_until = {};
  return Complaint{past->second.proxy, past->second.network, past->second.run};
}

}  // namespace footbridge::core
