// What a person can do about a broker that refuses his invite or his version: one sentence, for logs and status.
#pragma once

#include <string_view>

#include "wire/rendezvous.hpp"

namespace footbridge {

// Empty: there is nothing to do but wait.
constexpr std::string_view refusal_advice(wire::Refusal why) {
  switch (why) {
    case wire::Refusal::InviteNeeded:
      return "this network asks for an invite and does not know yours; ask who invited you for a new one, and paste it "
             "into footbridge join";
    case wire::Refusal::InviteOver:
      return "your invite ended before this device used it; ask for a new one, and paste it into footbridge join";
    case wire::Refusal::InviteRevoked: return "your invite was taken back; ask who invited you";
    case wire::Refusal::InviteUsedUp:
      return "your invite is in use on as many devices as it allows; ask for one for this device";
    case wire::Refusal::Version:
      return "the broker and this program do not speak a common version; update this program, or ask who runs the "
             "broker to update it";
    case wire::Refusal::RiskyPlace:
      return "helping may be dangerous in the country that you seem to be in, so nobody is sent to you; ask somebody "
             "whom you trust whether it is, and start with --even-if-risky if you want to help all the same";
    case wire::Refusal::None:
    case wire::Refusal::NoProxy:
    case wire::Refusal::Busy:
    case wire::Refusal::Draining:
    case wire::Refusal::Malformed:
    case wire::Refusal::Rate:
    case wire::Refusal::SelfOnly:
    case wire::Refusal::EgressGone:
    case wire::Refusal::Superseded:
    case wire::Refusal::Overloaded:
    case wire::Refusal::NoAnswer:
    case wire::Refusal::Unreachable:
    case wire::Refusal::LeadsNowhere:
    case wire::Refusal::Unknown: return {};
  }
  return {};
}

}  // namespace footbridge
