#include "programs/status/status_options.hpp"

namespace footbridge::status {
namespace {

void add_places(ops::OptionTable& table, Places& places) {
  table
      .add("admin", "listen", places.admin,
           "ask the program with this admin socket; unset: all that this user may ask, in $RUNTIME_DIRECTORY, in "
           "/run/footbridge* and in the state directory")
      .named("admin");
  table
      .add("state", "dir", places.state_dir,
           "ask the programs with this state directory, and no others; unset: those with the usual one, too")
      .named("state-dir");
}

}  // namespace

ops::OptionTable option_table(StatusOptions& options) {
  ops::OptionTable table("status", "say what runs on this machine, and how it does");
  table.first(
      "Run it as the user who runs the programs, or with sudo for those of systemd. It says since when each runs,\n"
      "whether it is ready, and how it does: of a volunteer whom it helped, the limits in force and why nobody comes;\n"
      "of a client its paths; of both what address translation they are behind; of a server who is there, and whom it\n"
      "refused.");
  table.example("footbridge status", "everything of this machine that this user may ask");
  table.example("footbridge status --json", "for tools: a list with an object for each program");
  add_places(table, options.places);
  table.add("status", "json", options.json, "write JSON; docs/ops/monitoring.md lists the keys");
  return table;
}

ops::OptionTable option_table(HealthOptions& options) {
  ops::OptionTable table("health", "end with status 0 if what runs here is ready for work");
  table.first("For containers and scripts: 0 says that a program was found and that all that were found are ready.");
  table.example("footbridge health --admin /run/footbridge/admin.sock", "one program");
  add_places(table, options.places);
  return table;
}

}  // namespace footbridge::status
