#include "programs/network/network_options.hpp"

#include "core/network/directory_keeper.hpp"
#include "core/network/signed_invite.hpp"

namespace footbridge::network {
namespace {

constexpr Millis kHour{3'600'000};
constexpr Millis kMostExpiry{1000 * static_cast<Millis::rep>(core::kMostInviteSeconds)};
constexpr std::uint64_t kMostReporterDays = core::kMostCertificateSeconds / 86'400;
constexpr Millis kMostValid{1000 * static_cast<Millis::rep>(core::kMostDirectorySeconds)};

}  // namespace

ops::OptionTable option_table(NetworkOptions& o) {
  ops::OptionTable table("network", "run a network of your own: its keys, its directory and its invites");
  table.first(
      "Usage: footbridge network new|directory|invite|revoke|rotate|reporter [OPTIONS]\n\n"
      "  new        make a network: its root, a directory key, and a file to write brokers and egresses into\n"
      "  directory  sign what that file says, for 48 hours; run it once a day, and after each change\n"
      "  invite     make an invite for one person, to be sent as text or shown as a QR code\n"
      "  revoke     take somebody's invite back\n"
      "  rotate     certify another directory key, for 30 days; the one thing the root is needed for\n"
      "  reporter   make a file with which a program may tell netstate about itself");
  table.example("footbridge network new --name \"Friends of Sara\" --broker-url https://broker.example/",
                "make the folder footbridge-network with all keys; keep its root.key somewhere safe");
  table.example("footbridge network directory", "renew the broker's keys and sign the directory");
  table.example("footbridge network invite --name sara --uses 1 --expires 7d", "print an invite for Sara, once");
  table.example("footbridge network reporter --role egress --url https://netstate.example/ --out egress-reporter.toml",
                "let an egress be seen; give it the file with its option --reporter");
  table.add("network", "dir", o.dir, "folder of the network; all actions").like("footbridge-network");
  table.add("network", "name", o.name, "new: what the network is called; invite, revoke: who it is for").like("sara");
  table.add("network", "broker_url", o.broker_url, "new: where brokers are reached").like("https://broker.example/");
  table
      .add(
          "network", "broker_cert", o.broker_cert,
          "new: the broker's certificate, PEM, if nobody but itself vouches for it; its key is what everybody asks for "
          "then")
      .like("tls.pem");
  table.add("network", "uses", o.uses, "invite: how many devices may use it", {{1, wire::kMaxInviteUses}}).like("1");
  table.add("network", "expires", o.expires, "invite: how long one may join with it", {{kHour, kMostExpiry}})
      .like("7d");
  table.add("network", "list", o.list, "invite: make none, and list those there are");
  table.add("network", "qr", o.qr, "invite: show it as a QR code, too");
  table
      .add("network", "compartment", o.compartment,
           "invite: meet only people and volunteers of this group; made when it is named first")
      .like("family");
  table.add("network", "volunteer", o.volunteer, "invite: who gets it may lend a connection to that --compartment");
  table.add("network", "tester", o.tester,
            "invite: for footbridge tester, which tries new volunteers before people meet them; the brokers believe it "
            "about that");
  table.add("network", "valid", o.valid, "directory: how long it is valid", {{kHour, kMostValid}}).like("48h");
  table.add("network", "root_key", o.root_key, "rotate: the root key, if it is kept elsewhere").like("root.key");
  table
      .add(
          "network", "role", o.role,
          "reporter: what the program is: volunteer, egress or broker; page and extension print what their config.json "
          "needs")
      .like("egress");
  table.add("network", "url", o.url, "reporter: where netstate is reached").like("https://netstate.example/");
  table
      .add("network", "netstate_cert", o.netstate_cert,
           "reporter: netstate's certificate, PEM, if nobody but itself vouches for it")
      .like("tls.pem");
  table
      .add("network", "days", o.days, "reporter: how long it may report, but not beyond the directory key's own end",
           {{1, kMostReporterDays}})
      .like("30");
  table.add("network", "out", o.out, "reporter: write the file here, mode 0600").like("egress-reporter.toml");
  return table;
}

}  // namespace footbridge::network
