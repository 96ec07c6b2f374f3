#include "programs/client/tester_options.hpp"

#include "ops/errors.hpp"

namespace footbridge::client {

ops::OptionTable option_table(TesterOptions& o) {
  ops::OptionTable table("tester", "try a network's new volunteers before people meet them");
  table.first(
      "First, on the operator's machine: footbridge network invite --name tester --tester, and copy\n"
      "broker-invites.toml to the brokers. Then paste the invite into footbridge join here. Best on another machine\n"
      "than the broker's, at an ordinary line: volunteers see the address of who comes to them.");
  table.example("footbridge join --state-dir tester.state", "paste the tester's invite");
  table.example("footbridge tester --state-dir tester.state", "and leave it running");
  table
      .add("tester", "network", o.ways.network,
           "of several networks that were joined the one with this name, or whose root's key begins with these digits")
      .like("\"Friends of Sara\"");
  add_link_options(table, o.link);
  add_common_options(table, o.common);
  return table;
}

void check(const TesterOptions& o) {
  check_ways(o.ways);
  if (o.link.nat == NatSetting::Moderate || o.link.nat == NatSetting::Strict)
    throw ops::UsageError("--nat: say auto, open or unknown; by the others brokers know a tester's probes");
}

}  // namespace footbridge::client
