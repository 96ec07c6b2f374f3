#include "programs/doctor/doctor_options.hpp"

namespace footbridge::doctor {

ops::OptionTable option_table(DoctorOptions& o) {
  using core::DoctorRole;
  ops::OptionTable table("doctor", "find out what is wrong here, and what to do");
  table.first(
      "It looks at this machine and its network, says in plain words what is wrong, and changes nothing. Names and\n"
      "addresses are left out, so its words can be shown to others. It takes half a minute at most. Exit status 1: "
      "there\n"
      "is a problem. A client that is behind an upstream proxy is not to run it: it knows no way through one.\n"
      "docs/ops/doctor.md explains each of its words.");
  table.example("footbridge doctor", "why footbridge connect does not get out");
  table.example("footbridge doctor --for volunteer", "how well people can be helped from here");
  table.example("footbridge doctor --broker https://broker.example/ --stun stun.example:3478",
                "without a network that was joined");
  table
      .choose("doctor", "role", o.role,
              {{"client", DoctorRole::Client},
               {"volunteer", DoctorRole::Volunteer},
               {"broker", DoctorRole::Broker},
               {"egress", DoctorRole::Egress},
               {"all", DoctorRole::All}},
              "for whom to look; a client asks one broker after the other, connects to no egress and asks no router, "
              "and so does its doctor")
      .named("for")
      .like("client");
  table.add("doctor", "json", o.json, "for scripts: one JSON object on standard output");
  add_way_options(table, "doctor", o.ways, "the broker to try");
  add_network_option(table, "doctor", o.ways);
  table.add("doctor", "all_ways", o.all_ways,
            "for a client, too, ask every broker by every way at once, as no client does: who watches would see it");
  table.add("doctor", "stun", o.stun, "a STUN server to try UDP with, instead of the network's; name two or more")
      .like("stun.example:3478");
  table.add("doctor", "egress", o.egress, "the relay URL of an egress to try, besides those of a joined network");
  table.add("doctor", "proxy", o.proxy, "where the client's local proxy should be").like("127.0.0.1:1080");
  table.add("doctor", "no_port_mapping", o.no_port_mapping,
            "do not ask the home router to forward a port for a moment");
  table.add("doctor", "allow_private", o.allow_private,
            "private and loopback addresses are as good as others; for demo and tests only");
  table
      .add("state", "dir", o.state_dir,
           "where networks are kept; unset: $STATE_DIRECTORY, $XDG_STATE_HOME/footbridge or ~/.local/state/footbridge")
      .named("state-dir");
  table.add("log", "unsafe", o.unsafe, "put names and addresses into the output; then do not show it to others")
      .named("unsafe-logging");
  return table;
}

void check(const DoctorOptions& o) { check_ways(o.ways); }

}  // namespace footbridge::doctor
