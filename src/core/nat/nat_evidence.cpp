#include "core/nat/nat_evidence.hpp"

#include <algorithm>

namespace footbridge::core {
namespace {

using wire::NatBehaviour;
using wire::StunChange;

struct Comparison {
  bool made = false;
  bool differs = false;
  void add(const StunQuestion& a, const StunQuestion& b) {
    made = true;
    differs = differs || a.answer()->mapped != b.answer()->mapped;
  }
};

const StunQuestion* with_change(std::span<const StunQuestion> questions, StunChange change) {
  const auto found = std::ranges::find(questions, change, &StunQuestion::change);
  return found == questions.end() ? nullptr : &*found;
}

bool lives(std::span<const StunQuestion> questions, const Endpoint& place) {
  return std::ranges::any_of(questions, [&](const StunQuestion& q) {
    return q.change() == StunChange::None && q.to() == place && q.answer();
  });
}

bool heard_there(std::span<const StunQuestion> questions, NatSocket socket, const Endpoint& place) {
  return std::ranges::any_of(questions, [&](const StunQuestion& q) {
    return q.change() == StunChange::None && q.socket() == socket && q.to() == place && q.answer();
  });
}

}  // namespace

NatBehaviour judge_mapping(std::span<const StunQuestion> questions) {
  Comparison ports;      // of one address
  Comparison addresses;  // of any ports
  for (std::size_t i = 0; i < questions.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = questions[i];
      const auto& b = questions[j];
      if (!a.answer() || !b.answer() || a.socket() != b.socket() || a.to() == b.to()) continue;
      (a.to().address == b.to().address ? ports : addresses).add(a, b);
    }
  if (ports.differs) return NatBehaviour::AddressAndPortDependent;
  // Nobody showed that ports do not matter: the stricter of what it can be.
  if (addresses.differs) return ports.made ? NatBehaviour::AddressDependent : NatBehaviour::AddressAndPortDependent;
  return addresses.made ? NatBehaviour::EndpointIndependent : NatBehaviour::Unknown;
}

NatBehaviour judge_filtering(std::span<const StunQuestion> questions) {
  const auto* both = with_change(questions, StunChange::AddressAndPort);
  const auto* port = with_change(questions, StunChange::Port);
  if (both == nullptr || port == nullptr || both->refused() || port->refused()) return NatBehaviour::Unknown;
  if (both->answer()) return NatBehaviour::EndpointIndependent;
  if (!both->silent() || !lives(questions, both->answerer()) || !heard_there(questions, both->socket(), both->to()))
    return NatBehaviour::Unknown;
  if (port->answer()) return NatBehaviour::AddressDependent;
  return port->silent() && lives(questions, port->answerer()) ? NatBehaviour::AddressAndPortDependent
                                                              : NatBehaviour::Unknown;
}

}  // namespace footbridge::core
