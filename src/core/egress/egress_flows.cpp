#include "core/egress/egress_flows.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"

namespace footbridge::core {

std::string_view name(FlowDrop drop) {
  switch (drop) {
    case FlowDrop::Malformed: return "malformed";
    case FlowDrop::Unanswered: return "unanswered";
    case FlowDrop::DnsRate: return "dns-rate";
    case FlowDrop::Waiting: return "waiting";
  }
  FB_ASSERT(false);
}

void EgressFlows::on_message(TimePoint now, FlowId id, ByteView message) {
  const auto parsed = wire::parse_flow_message(message);
  if (!parsed) return drop(FlowDrop::Malformed);
  const auto found = flows_.find(id);
  const bool known = found != flows_.end();
  std::visit(
      Overloaded{[&](const wire::FlowOpen& open) { on_open(now, id, open); },
                 [&](const wire::FlowData& data) {
                   if (!known) return tell(id, wire::FlowStatusMessage{wire::FlowStatus::Over});
                   found->second.confirmed = true;
                   pass(now, id, found->second, data.payload);
                 },
                 [&](const wire::FlowClose&) {
                   if (known) end(now, id);
                 },
                 [&](const wire::FlowFrom&) { drop(FlowDrop::Malformed); },
                 [&](const wire::FlowStatusMessage&) { drop(FlowDrop::Malformed); }, [](const wire::FlowIgnorable&) {}},
      *parsed);
}

void EgressFlows::on_open(TimePoint now, FlowId id, const wire::FlowOpen& open) {
  auto found = flows_.find(id);
  if (found == flows_.end()) {
    begin(now, id, open);
    found = flows_.find(id);
    if (found == flows_.end()) return;
  } else if (found->second.open && now - found->second.last_told >= kTellAgain) {
    found->second.last_told = now;
    tell(id, wire::FlowStatusMessage{wire::FlowStatus::Opened});
  }
  pass(now, id, found->second, open.payload);
}

void EgressFlows::begin(TimePoint now, FlowId id, const wire::FlowOpen& open) {
  make_room(now);
  if (limits_.on_open(now) != StreamVerdict::Allowed) return tell(id, wire::FlowStatusMessage{wire::FlowStatus::Limit});
  const auto& to = open.destination.reveal_to_socket();
  Flow flow;
  flow.named = std::holds_alternative<std::string>(to.host);
  flow.port = to.port;
  flow.last_sent = now;
  flows_.emplace(id, std::move(flow));
  output_.push_back(Open{id, open.destination});
}

// A client whose CLOSE was lost must not wait for our idle time-out: what it used least lately makes room.
void EgressFlows::make_room(TimePoint now) {
  if (flows_.size() < kMaxFlows) return;
  const auto oldest = std::min_element(flows_.begin(), flows_.end(), [](const auto& a, const auto& b) {
    return a.second.last_sent < b.second.last_sent;
  });
  const auto id = oldest->first;
  end(now, id);
  tell(id, wire::FlowStatusMessage{wire::FlowStatus::Over});
}

void EgressFlows::pass(TimePoint now, FlowId id, Flow& flow, ByteView payload) {
  const auto most = flow.answered ? kMaxUnanswered : kMaxUnansweredFirst;
  if (flow.unanswered >= most && now - flow.last_sent < kUnansweredPace) return drop(FlowDrop::Unanswered);
  if (flow.port == kDnsPort && !dns_.take(now)) return drop(FlowDrop::DnsRate);
  if (flow.open) return send(now, id, flow, to_bytes(payload));
  if (waiting_bytes_ + payload.size() > kMaxWaitingBytes) return drop(FlowDrop::Waiting);
  ++flow.unanswered;
  flow.last_sent = now;
  waiting_bytes_ += payload.size();
  flow.waiting.push_back(to_bytes(payload));
}

void EgressFlows::send(TimePoint now, FlowId id, Flow& flow, Bytes payload) {
  ++flow.unanswered;
  flow.last_sent = now;
  output_.push_back(Send{id, std::move(payload)});
}

void EgressFlows::on_opened(TimePoint now, FlowId id, const Endpoint& peer) {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return;
  auto& flow = found->second;
  FB_ASSERT(!flow.open);
  flow.open = true;
  flow.peer = Private(peer);
  flow.last_told = now;
  flow.last_sent = now;
  tell(id, wire::FlowStatusMessage{wire::FlowStatus::Opened});
  for (auto& payload : std::exchange(flow.waiting, {})) {
    waiting_bytes_ -= payload.size();
    output_.push_back(Send{id, std::move(payload)});
  }
  look_at_ = earlier(look_at_, idle_at(flow));
}

void EgressFlows::on_refused(TimePoint now, FlowId id, wire::FlowStatus why) {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return;
  end(now, id);
  tell(id, wire::FlowStatusMessage{why});
}

void EgressFlows::on_packet(TimePoint now, FlowId id, ByteView payload) {
  const auto found = flows_.find(id);
  if (found == flows_.end() || !found->second.open || payload.size() > wire::kMaxFlowPayloadBytes) return;
  auto& flow = found->second;
  if (!std::exchange(flow.answered, true)) limits_.on_connected();
  flow.unanswered = 0;
  flow.last_heard = now;
  if (flow.port == kDnsPort) look_at_ = earlier(look_at_, idle_at(flow));
  if (flow.named && !flow.confirmed) return tell(id, wire::FlowFrom{flow.peer, payload});
  tell(id, wire::FlowData{payload});
}

void EgressFlows::end(TimePoint now, FlowId id) {
  const auto found = flows_.find(id);
  for (const auto& payload : found->second.waiting) waiting_bytes_ -= payload.size();
  // One that nobody answered counts like a connection that failed: it is how scans look.
  found->second.answered ? limits_.on_closed() : limits_.on_failed(now);
  flows_.erase(found);
  output_.push_back(Close{id});
}

void EgressFlows::tell(FlowId id, const wire::FlowMessage& message) {
  auto bytes = wire::encode_flow_message(message);
  if (!bytes) return;  // an answer from port 0
  output_.push_back(Tell{id, std::move(*bytes)});
  if (const auto grease = grease_.after_message()) output_.push_back(Tell{id, *wire::encode_flow_message(*grease)});
}

std::optional<EgressFlows::Output> EgressFlows::poll() {
  if (output_.empty()) return std::nullopt;
  auto first = std::move(output_.front());
  output_.pop_front();
  return first;
}

TimePoint EgressFlows::idle_at(const Flow& flow) {
  if (flow.port != kDnsPort) return flow.last_sent + kFlowIdle;
  if (flow.unanswered > 0 || !flow.answered) return flow.last_sent + kDnsIdle;
  return std::max(flow.last_sent, flow.last_heard) + kDnsAnsweredIdle;
}

void EgressFlows::on_deadline(TimePoint now) {
  if (!look_at_ || now < *look_at_) return;
  look_at_.reset();
  std::vector<FlowId> idle;
  for (const auto& [id, flow] : flows_) {
    if (!flow.open) continue;  // whoever opens it has a time limit
    if (const auto at = idle_at(flow); at <= now)
      idle.push_back(id);
    else
      look_at_ = earlier(look_at_, at);
  }
  for (const auto id : idle) {
    end(now, id);
    tell(id, wire::FlowStatusMessage{wire::FlowStatus::Over});
  }
}

}  // namespace footbridge::core
