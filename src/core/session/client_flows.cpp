#include "core/session/client_flows.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"

namespace footbridge::core {
namespace {

std::string key_of(const wire::Destination& to) {
  Bytes text;
  ByteWriter writer(text);
  const bool good = wire::write_destination(writer, to);
  FB_ASSERT(good);  // the caller has checked it
  return to_string(text);
}

}  // namespace

std::string_view name(FlowVerdict verdict) {
  switch (verdict) {
    case FlowVerdict::Sent: return "sent";
    case FlowVerdict::TooLarge: return "too-large";
    case FlowVerdict::Refused: return "refused";
    case FlowVerdict::NoNumbers: return "no-numbers";
  }
  FB_ASSERT(false);
}

FlowVerdict ClientFlows::send(TimePoint now, AssociationId association, const wire::Destination& to, ByteView payload) {
  if (payload.size() > wire::kMaxFlowPayloadBytes) return FlowVerdict::TooLarge;
  if (next_id_ > wire::kMaxFlowId) return FlowVerdict::NoNumbers;
  const Key key{association, Private(key_of(to))};
  auto& flow = flow_to(now, key, to);
  const auto id = ids_.at(key);
  if (flow.state == State::Refused) {
    if (now < flow.refused_until) return FlowVerdict::Refused;
    flow.state = State::Opening;
  }
  flow.last_used = now;
  if (flow.state == State::Open)
    say(id, wire::FlowData{payload});
  else
    say(id, wire::FlowOpen{flow.to, payload});
  return FlowVerdict::Sent;
}

ClientFlows::Flow& ClientFlows::flow_to(TimePoint now, const Key& key, const wire::Destination& to) {
  if (const auto found = ids_.find(key); found != ids_.end()) return flows_.at(found->second);
  make_room(key.association);
  const auto id = next_id_++;
  ids_.emplace(key, id);
  Flow flow;
  flow.key = key;
  flow.to = Private(to);
  flow.named = std::holds_alternative<std::string>(to.host);
  look_at_ = earlier(look_at_, now + kClientFlowIdle);
  return flows_.emplace(id, std::move(flow)).first->second;
}

void ClientFlows::make_room(AssociationId association) {
  const auto is_its_own = [&](const auto& entry) { return entry.second.key.association == association; };
  const auto own = static_cast<std::size_t>(std::ranges::count_if(flows_, is_its_own));
  if (own < kMaxAssociationFlows && flows_.size() < kMaxFlows) return;
  const auto* oldest = static_cast<const std::pair<const FlowId, Flow>*>(nullptr);
  for (const auto& entry : flows_) {
    if (own >= kMaxAssociationFlows && !is_its_own(entry)) continue;
    if (oldest == nullptr || entry.second.last_used < oldest->second.last_used) oldest = &entry;
  }
  close(oldest->first);
}

void ClientFlows::forget(AssociationId association) {
  std::vector<FlowId> own;
  for (const auto& [id, flow] : flows_)
    if (flow.key.association == association) own.push_back(id);
  for (const auto id : own) close(id);
}

void ClientFlows::close(FlowId id) {
  if (flows_.at(id).state != State::Refused) say(id, wire::FlowClose{});
  erase(id);
}

void ClientFlows::erase(FlowId id) {
  const auto found = flows_.find(id);
  ids_.erase(found->second.key);
  flows_.erase(found);
}

void ClientFlows::say(FlowId id, const wire::FlowMessage& message) {
  auto bytes = wire::encode_flow_message(message);
  FB_ASSERT(bytes);
  output_.push_back({id, std::move(*bytes)});
  if (const auto grease = grease_.after_message()) output_.push_back({id, *wire::encode_flow_message(*grease)});
}

std::optional<FlowArrival> ClientFlows::poll() {
  if (output_.empty()) return std::nullopt;
  auto first = std::move(output_.front());
  output_.pop_front();
  return first;
}

ClientFlows::Event ClientFlows::on_message(TimePoint now, FlowId id, ByteView message) {
  const auto found = flows_.find(id);
  const auto parsed = wire::parse_flow_message(message);
  if (found == flows_.end() || !parsed) return {};
  auto& flow = found->second;
  return std::visit(
      Overloaded{[&](const wire::FlowData& data) -> Event {
                   flow.last_used = now;
                   if (!flow.named) flow.state = State::Open;
                   return packet_of(flow, data.payload);
                 },
                 [&](const wire::FlowFrom& from) -> Event {
                   flow.last_used = now;
                   flow.address = from.source;
                   flow.state = State::Open;
                   return packet_of(flow, from.payload);
                 },
                 [&](const wire::FlowStatusMessage& status) { return on_status(now, flow, status.status); },
                 // What only a client says, or nobody yet.
                 [](const wire::FlowOpen&) -> Event { return {}; }, [](const wire::FlowClose&) -> Event { return {}; },
                 [](const wire::FlowIgnorable&) -> Event { return {}; }},
      *parsed);
}

ClientFlows::Event ClientFlows::on_status(TimePoint now, Flow& flow, wire::FlowStatus status) {
  if (flow.state == State::Refused) return {};
  if (status == wire::FlowStatus::Opened) {
    if (!flow.named || flow.address) flow.state = State::Open;
    return {};
  }
  if (status == wire::FlowStatus::Over) {
    flow.state = State::Opening;
    return {};
  }
  flow.state = State::Refused;
  flow.refused_until = now + kFlowRefusedFor;
  return Refusal{flow.key.association, status};
}

ClientFlows::Event ClientFlows::packet_of(const Flow& flow, ByteView payload) const {
  if (!flow.named) return Packet{flow.key.association, flow.to, payload};
  if (!flow.address) return {};  // it was never told which address this is: an egress that breaks the protocol
  const auto& address = flow.address->reveal_to_socket();
  return Packet{flow.key.association, Private(wire::Destination{address.address, address.port}), payload};
}

void ClientFlows::on_deadline(TimePoint now) {
  if (!look_at_ || now < *look_at_) return;
  look_at_.reset();
  std::vector<FlowId> idle;
  for (const auto& [id, flow] : flows_) {
    const auto idle_at = flow.last_used + kClientFlowIdle;
    if (idle_at <= now)
      idle.push_back(id);
    else
      look_at_ = earlier(look_at_, idle_at);
  }
  for (const auto id : idle) erase(id);
}

}  // namespace footbridge::core
