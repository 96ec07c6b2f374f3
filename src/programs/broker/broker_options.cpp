#include "programs/broker/broker_options.hpp"

#include "ops/errors.hpp"

namespace footbridge::broker {

ops::OptionTable option_table(BrokerOptions& o) {
  ops::OptionTable table("broker", "match people who need a way out with volunteers who lend one");
  table.first("First, start an egress with --descriptor-out and give its file to the broker, with the key they share.");
  table.example("footbridge broker --egress ws://127.0.0.1:8901/leg --leg-key-file leg.key",
                "one egress on this machine; leg.key is the file the egress uses too");
  table.example("footbridge broker --egress-file egresses.toml", "several, each with its own key_file");
  table.add("broker", "listen", o.listen, "serve rendezvous here; on this machine only, unless --tls-cert is given");
  add_web_face_options(table, "broker", o.face);
  table
      .add("broker", "web", o.web,
           "show the widget, and the frame that relays, of this folder to everybody who is no user of ours; with "
           "--network whoever looks at them is told what tells its brokers from web sites; without it broker and "
           "egresses have to be at loopback addresses")
      .like("build/web");
  table
      .add(
          "broker", "web_reporter", o.web_reporter,
          "with --web: what footbridge network reporter --role page has printed, in a file; visitors who want that let "
          "netstate know how they help. Without it no page tells netstate anything")
      .like("page-reporter.json");
  table
      .add("broker", "network", o.network,
           "folder of a network, with obfuscation.key, directory.signed and this broker's keys: only its people are "
           "served then, sealed, and its egresses are those of the directory; without it anybody's plain requests are, "
           "which is for one machine")
      .like("footbridge-network");
  table.add("broker", "name", o.name, "which broker of the directory this is, where there are several")
      .like("broker-1");
  table.add("broker", "egress", o.egress, "where volunteers dial an egress; all of these share --leg-key-file")
      .reloadable();
  table.add("broker", "leg_key_file", o.leg_key_file, "key shared with the egresses of --egress; mode 0600")
      .like("leg.key")
      .reloadable();
  table.add("broker", "egress_file", o.egress_file, "TOML file with a table [[egress]] for each: id, relay, key_file")
      .like("egresses.toml")
      .reloadable();
  table
      .add("broker", "geoip", o.geoip,
           "text files that say which country an address is in; without it those of tor-geoipdb, if it is installed")
      .like("/usr/share/tor/geoip")
      .reloadable();
  table
      .add("state", "dir", o.state_dir,
           "with --network: where the broker remembers which devices use which invite; unset: $STATE_DIRECTORY, "
           "$XDG_STATE_HOME/footbridge or ~/.local/state/footbridge")
      .named("state-dir");
  table
      .add("limits", "max_connections", o.max_connections,
           "volunteers and clients that wait or ask at the same time; more are turned away", {{1, 60'000}})
      .like("4096")
      .reloadable();
  table
      .add("limits", "slots_per_prefix", o.slots_per_prefix,
           "volunteers that one network (/24, /48) may hold without having opened a link", {{1, 1'000}})
      .like("4")
      .reloadable();
  add_reporter_options(table, o.reporter);
  add_common_options(table, o.common);
  return table;
}

namespace {

void check_keys_of_network(const BrokerOptions& o) {
  if (!o.egress.empty())
    throw ops::UsageError("--egress: with --network the directory says which egresses there are; leave it out");
  if (!o.egress_file && !o.leg_key_file)
    throw ops::UsageError(
        "--network: the keys shared with its egresses are missing; name --egress-file, or --leg-key-file if they all "
        "share one");
}

}  // namespace

void check(const BrokerOptions& o) {
  check_web_face(o.face);
  check_reporter(o.reporter);
  if (o.web && o.face.decoy)
    throw ops::UsageError("--web: there is one site to show, and --decoy names another; leave one of them out");
  if (o.web_reporter && !o.web)
    throw ops::UsageError("--web-reporter: is for the pages of --web, and there are none; name that, too");
  if (!ops::is_loopback(o.listen.address) && !o.face.tls_cert)
    throw ops::UsageError(
        "--listen: without --tls-cert only a loopback address is accepted: a broker has to look like a web site, "
        "and without --network whoever carries messages reads who wants help; name a certificate, or use 127.0.0.1:" +
        std::to_string(o.listen.port) + " behind a web server");
  if (o.web && !o.network && !ops::is_loopback(o.listen.address))
    throw ops::UsageError(
        "--web: without --network its pages are for browsers of this machine, and may reach what is private there; "
        "name a --network, or listen on 127.0.0.1");
  if (o.name && !o.network) throw ops::UsageError("--name: says which broker of a --network this is; name that, too");
  if (o.network) return check_keys_of_network(o);
  if (o.egress.empty() && !o.egress_file)
    throw ops::UsageError(
        "--egress: no egress is known, so there is nowhere to send anybody; name one, or --egress-file");
  if (!o.egress.empty() && !o.leg_key_file)
    throw ops::UsageError("--leg-key-file: --egress needs the key that broker and egress share");
  if (o.egress.empty() && o.leg_key_file)
    throw ops::UsageError("--leg-key-file: belongs to --egress; in --egress-file each egress has its key_file");
}

}  // namespace footbridge::broker
