// Why a broker gives this volunteer nobody, though it polls and people are there: its network's tester could not get
// through it. What can be done about it, in one sentence, for the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/rendezvous.hpp"

namespace footbridge::proxy {

enum class IdleWhy : std::uint8_t { Unreachable, LeadsNowhere };
inline constexpr std::size_t kIdleWhys = 2;

// nullopt: the refusal is about something else.
constexpr std::optional<IdleWhy> idle_why(wire::Refusal why) {
  if (why == wire::Refusal::Unreachable) return IdleWhy::Unreachable;
  if (why == wire::Refusal::LeadsNowhere) return IdleWhy::LeadsNowhere;
  return std::nullopt;
}

inline std::string_view name(IdleWhy why) {
  return wire::name(why == IdleWhy::Unreachable ? wire::Refusal::Unreachable : wire::Refusal::LeadsNowhere);
}

constexpr std::string_view advice(IdleWhy why) {
  return why == IdleWhy::Unreachable
             ? "this network's tester gets no connection to you, so nobody is sent here; look whether a firewall stops "
               "UDP, and whether the router can forward ports; you are tried again every few minutes"
             : "this network's tester reaches you, and through you no egress, so nobody is sent here; look whether a "
               "firewall stops your connections to the network's egresses; you are tried again every few minutes";
}

}  // namespace footbridge::proxy
