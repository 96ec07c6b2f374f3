// What the answers to all questions say about mapping and filtering. Pure functions of the questions.
#pragma once

#include <span>

#include "core/nat/stun_question.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// From every pair of answers to one socket: whether the outside port was the same for two ports of one address, and for
// two addresses. Unknown where no two addresses answered on one socket.
wire::NatBehaviour judge_mapping(std::span<const StunQuestion> questions);

// From what came uninvited. Silence counts only of places that answered when they were asked directly, to a socket
// whose own question arrived: a dead second address, or a server that lost its network, is not a filter.
wire::NatBehaviour judge_filtering(std::span<const StunQuestion> questions);

}  // namespace footbridge::core
