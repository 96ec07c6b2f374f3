#include "programs/client/flow_desk.hpp"

#include <utility>
#include <variant>

#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge::client {

Association::~Association() {
  if (desk_ != nullptr) desk_->forget(id_);
}

void Association::send(const wire::Destination& to, ByteView payload) {
  if (desk_ != nullptr) desk_->send(id_, to, payload);
}

FlowDesk::FlowDesk(asio::any_io_executor executor, io::SessionHost& host, Rng& rng)
    : host_(host), flows_(rng), timer_(std::move(executor), [this](TimePoint now) {
        flows_.on_deadline(now);
        settle(now);
      }) {}

std::unique_ptr<Association> FlowDesk::associate(AssociationEvents& events) {
  const core::AssociationId id{next_id_++};
  auto association = std::make_unique<Association>(*this, id);
  members_.emplace(id, Member{association.get(), &events});
  return association;
}

void FlowDesk::send(core::AssociationId id, const wire::Destination& to, ByteView payload) {
  const auto now = io::now();
  const auto verdict = flows_.send(now, id, to, payload);
  if (verdict != core::FlowVerdict::Sent)
    observe::log(observe::Level::Info, "packet-dropped", observe::kv("why", verdict));
  settle(now);
}

void FlowDesk::forget(core::AssociationId id) {
  members_.erase(id);
  flows_.forget(id);
  settle(io::now());
}

void FlowDesk::on_message(TimePoint now, core::FlowId flow, ByteView message) {
  const auto event = flows_.on_message(now, flow, message);
  if (const auto* refusal = std::get_if<core::ClientFlows::Refusal>(&event))
    observe::log(observe::Level::Info, "flow-refused", observe::kv("why", refusal->why));
  settle(now);
  const auto* packet = std::get_if<core::ClientFlows::Packet>(&event);
  const auto member = packet == nullptr ? members_.end() : members_.find(packet->association);
  if (member != members_.end()) member->second.events->on_packet(packet->from, packet->payload);
}

void FlowDesk::settle(TimePoint now) {
  while (auto said = flows_.poll()) host_.send_flow(now, said->flow, std::move(said->message));
  timer_.arm(flows_.deadline());
}

void FlowDesk::close() {
  for (auto& [id, member] : std::exchange(members_, {})) {
    member.association->desk_ = nullptr;
    member.events->on_association_over();
  }
  timer_.arm(std::nullopt);
}

}  // namespace footbridge::client
