// A destination's host as the connectors want it: a name, or an address as text. Thread: any.
#pragma once

#include <string>
#include <variant>

#include "base/overloaded.hpp"
#include "base/private.hpp"
#include "wire/session_destination.hpp"

namespace footbridge::egress {

inline Private<std::string> host_text(const wire::Destination& to) {
  return Private(std::visit(Overloaded{[](const std::string& name) { return name; },
                                       [](const IpAddress& address) { return address.to_text(); }},
                            to.host));
}

}  // namespace footbridge::egress
