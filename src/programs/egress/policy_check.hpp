// `footbridge egress check-policy HOST:PORT[/udp] [OPTIONS of the egress]`: may people reach this, and which rule says
// so? It decides with the egress's own policy and options, looks names up as the egress would, and connects to nobody.
// Exit code 0: allowed, 1: refused.
#pragma once

#include <string>
#include <vector>

#include "io/resolver.hpp"
#include "programs/command.hpp"
#include "programs/egress/egress_options.hpp"

namespace footbridge::egress {

// The egress's command, with this action beside it.
Command with_policy_check(Command egress);

struct PolicyQuestion {
  std::string host;
  std::uint16_t port = 0;
  bool udp = false;
};
// Throws ops::UsageError.
PolicyQuestion question_of(const std::string& text);

struct PolicyAnswer {
  bool allowed = false;
  std::string text;  // lines for a person, the first of which says the whole
};
// Where an option's value comes from, by its name in the file: "flag --policy", "egress.toml:3:9", "default".
using OriginOf = std::function<std::string(std::string_view option)>;
asio::awaitable<PolicyAnswer> check_policy(EgressOptions options, PolicyQuestion question, io::Resolver& resolver,
                                           OriginOf origin_of);

}  // namespace footbridge::egress
