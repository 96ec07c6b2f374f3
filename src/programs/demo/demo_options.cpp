#include "programs/demo/demo_options.hpp"

namespace footbridge::demo {

ops::OptionTable option_table(DemoOptions& o) {
  ops::OptionTable table("demo", "run a whole network on this machine and fetch a page through it");
  table.first("Nothing to prepare: it makes its own keys, uses loopback only, and leaves nothing behind.");
  table.example("footbridge demo", "start, fetch, report, and stay for you to try it");
  table.example("footbridge demo --once --json", "fetch, report in JSON, exit");
  table.add("demo", "once", o.once, "exit after the report");
  table.add("demo", "json", o.json, "print the report as JSON");
  table.add("demo", "size", o.size, "how much to fetch", {{{1}, {100'000'000'000}}}).like("100MB");
  table.add("demo", "proxy_port", o.proxy_port, "port of the local proxy; 0: any that is free", {{0, 65535}})
      .like("1080");
  table
      .add("demo", "web", o.web,
           "folder of the pages in which a browser becomes a volunteer; without it those that were built or installed "
           "with "
           "this program")
      .like("build/web");
  table.add("demo", "keep", o.keep, "keep its directory of keys and logs, and say where it is");
  add_common_options(table, o.common);
  return table;
}

void check(const DemoOptions&) {}

}  // namespace footbridge::demo
