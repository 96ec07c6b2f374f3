#include "programs/egress/egress_options.hpp"

#include "ops/errors.hpp"
#include "programs/egress_descriptor.hpp"

namespace footbridge::egress {

ops::OptionTable option_table(EgressOptions& o) {
  ops::OptionTable table("egress", "be the place where traffic enters the internet");
  table.first(
      "Usage: footbridge egress [OPTIONS], or footbridge egress check-policy HOST:PORT[/udp] [OPTIONS]\n\n"
      "First, let it make its keys: --create writes --identity-file and --leg-key-file when they are absent.");
  table.example(
      "footbridge egress --create --identity-file egress.pem --leg-key-file leg.key "
      "--relay-url ws://127.0.0.1:8901/leg --descriptor-out egress.toml",
      "makes keys and the descriptor that broker, volunteers and clients need");
  table.example("footbridge egress check-policy example.org:443 --policy reduced",
                "may people reach this through an egress with these options, and why; append /udp for UDP");
  table.add("egress", "listen", o.listen, "accept relay legs of volunteers here");
  add_web_face_options(table, "egress", o.face);
  table.add("egress", "id", o.id, "what the broker calls this egress").like("egress-1");
  table.add("egress", "relay_url", o.relay_url, "how volunteers reach --listen from outside; goes into the descriptor");
  table
      .add("egress", "relay_udp_port", o.relay_udp_port,
           "offer relay legs over UDP at this port of --listen's address, and the next ones, one per worker",
           {{1, 65'535}})
      .like("8911");
  table.add("egress", "identity_file", o.identity_file, "its private key, PEM, Ed25519, mode 0600; clients pin it")
      .like("egress.pem");
  table.add("egress", "leg_key_file", o.leg_key_file, "key shared with the broker: 64 hex digits, mode 0600")
      .like("leg.key");
  table.add("egress", "create", o.create, "make the two key files when they are absent");
  table.add("egress", "descriptor_out", o.descriptor_out, "write what others may know here: id, relay URL, pin")
      .like("egress.toml");
  add_way_options(
      table, "egress", o.brokers,
      "tell this broker, which has our --leg-key-file, that we are here, how full we are and when we leave");
  table
      .add("egress", "network", o.network,
           "folder of a network, with obfuscation.key and directory.signed: tell all its brokers, sealed, instead of "
           "--broker")
      .like("footbridge-network");
  table
      .choose(
          "policy", "preset", o.policy,
          {{"web", PolicyPreset::Web},
           {"reduced", PolicyPreset::Reduced},
           {"custom", PolicyPreset::Custom},
           {"off", PolicyPreset::Off}},
          "ports people may reach: web and messaging; reduced adds SSH and mail submission; custom is --allow-ports; "
          "off is nothing but the bridge")
      .named("policy")
      .like("web");
  table.add("policy", "allow_ports", o.allow_ports, "ports of the custom policy").like("5222-5223");
  table
      .choose("policy", "udp", o.udp, {{"web", UdpPreset::Web}, {"off", UdpPreset::Off}, {"custom", UdpPreset::Custom}},
              "UDP ports people may reach: DNS, QUIC and calls; none at all; or those of --udp-ports")
      .named("udp")
      .like("web");
  table.add("policy", "udp_ports", o.udp_ports, "UDP ports of the custom policy").like("27015");
  table.add("policy", "deny_prefix", o.deny_prefix, "never connect into this block, besides all that is never public");
  table
      .add("policy", "allow_destination", o.allow_destination,
           "allow this one address although it is private; for demo and tests only")
      .like("127.0.0.1:8080");
  table
      .add("bridge", "or_port", o.or_port,
           "be the door of a Tor bridge whose OR port is here; people need no --policy for it")
      .like("127.0.0.1:9001");
  table
      .add("bridge", "ext_or_port", o.ext_or_port,
           "the same at its extended OR port, which is told where people come from; needs --auth-cookie-file")
      .like("127.0.0.1:9002");
  table
      .add("bridge", "auth_cookie_file", o.auth_cookie_file,
           "tor's extended_orport_auth_cookie; read again for each connection")
      .like("extended_orport_auth_cookie");
  table.add("limits", "max_sessions", o.max_sessions, "people served at once", {{1, 100'000}})
      .like("1000")
      .reloadable();
  table.add("limits", "workers", o.workers, "threads that carry sessions; one per core unless you say", {{1, 64}})
      .like("2");
  add_reporter_options(table, o.reporter);
  add_common_options(table, o.common);
  return table;
}

void check(const EgressOptions& o) {
  if (!o.identity_file)
    throw ops::UsageError("--identity-file: name the file of its private key; with --create it is made when absent");
  if (!o.leg_key_file)
    throw ops::UsageError(
        "--leg-key-file: name the file of the key shared with the broker; --create makes it when absent");
  check_web_face(o.face);
  check_reporter(o.reporter);
  check_ways(o.brokers);
  if (o.network && (!o.brokers.broker.empty() || !o.brokers.front.empty()))
    throw ops::UsageError("--network: its directory says which brokers there are; leave out --broker and --front");
  if (!is_egress_id(o.id))
    throw ops::UsageError("--id: \"" + o.id + "\" is not a name of 1 to 32 characters out of a-z, 0-9 and -");
  if (o.policy == PolicyPreset::Custom && o.allow_ports.empty())
    throw ops::UsageError("--policy: custom allows nothing by itself; name ports with --allow-ports");
  if (o.policy != PolicyPreset::Custom && !o.allow_ports.empty())
    throw ops::UsageError("--allow-ports: works with --policy custom only");
  if (o.udp == UdpPreset::Custom && o.udp_ports.empty())
    throw ops::UsageError("--udp: custom allows nothing by itself; name ports with --udp-ports");
  if (o.udp != UdpPreset::Custom && !o.udp_ports.empty())
    throw ops::UsageError("--udp-ports: works with --udp custom only");
  if (o.ext_or_port.has_value() != o.auth_cookie_file.has_value())
    throw ops::UsageError("--ext-or-port: it and --auth-cookie-file need each other");
  if (o.policy == PolicyPreset::Off && !o.or_port && !o.ext_or_port)
    throw ops::UsageError("--policy: off leaves nothing to do without --or-port or --ext-or-port");
  if (o.policy == PolicyPreset::Off && (o.udp == UdpPreset::Custom || !o.allow_destination.empty()))
    throw ops::UsageError("--policy: off lets nothing out, so --udp custom and --allow-destination do not go with it");
  if (o.descriptor_out && !o.relay_url && !ops::is_loopback(o.listen.address))
    throw ops::UsageError("--relay-url: --descriptor-out needs it: how do volunteers reach this egress from outside?");
}

}  // namespace footbridge::egress
