#include "programs/netstate/netstate_options.hpp"

#include "ops/errors.hpp"

namespace footbridge::netstate {
ops::OptionTable option_table(NetstateOptions& o) {
  ops::OptionTable table("netstate", "show a network as it is now: who lends, where it enters the internet");
  table.first(
      "It shows what those who take part say of themselves, if they were told to: give each a file that\n"
      "footbridge network reporter makes. Clients never report. Then open http://127.0.0.1:8904/ in a browser.");
  table.example("footbridge netstate --network footbridge-network", "for who operates it, on this machine");
  table.example("footbridge netstate --network footbridge-network --private-network",
                "among friends: exact numbers, at once, and tags");
  table.example(
      "footbridge netstate --network footbridge-network --report-listen 0.0.0.0:8905 --tls-cert fullchain.pem "
      "--tls-key "
      "privkey.pem",
      "reports come from other machines; the page stays here");
  table.add("netstate", "listen", o.listen,
            "serve the page here; an address of other machines needs --tls-cert and --viewer-token-file");
  table.add("netstate", "report_listen", o.report_listen, "take reports here, and not at --listen")
      .like("0.0.0.0:8905");
  add_tls_options(table, "netstate", o.face);
  table
      .add("netstate", "network", o.network,
           "folder of the network, or one with its root.pub alone: only whom it has certified is believed")
      .like("footbridge-network");
  table
      .add("netstate", "viewer_token_file", o.viewer_token_file,
           "who looks has to give the text of this file first, 16 characters or more; mode 0600")
      .like("viewer.token");
  table.add("netstate", "private_network", o.private_network,
            "everybody who looks knows everybody who reports: show exact numbers and tags, without delay");
  table.add("netstate", "web", o.web, "folder with the built page; without it the one beside this program")
      .like("build/web");
  table
      .add("netstate", "geoip", o.geoip,
           "text files that say which country an address is in; without it those of tor-geoipdb, if it is installed")
      .like("/usr/share/tor/geoip")
      .reloadable();
  table.add(
      "netstate", "unbounded_compat", o.unbounded_compat,
      "serve /exec and /data as Browsers Unbounded's netstate does; on loopback addresses only, believed by nobody");
  add_common_options(table, o.common);
  return table;
}

void check(const NetstateOptions& o) {
  check_web_face(o.face);
  const bool local = ops::is_loopback(o.listen.address);
  if (!local && !o.viewer_token_file)
    throw ops::UsageError(
        "--listen: an address of other machines shows the network to everybody; name a --viewer-token-file, or use "
        "127.0.0.1:" +
        std::to_string(o.listen.port));
  if (!local && !o.face.tls_cert)
    throw ops::UsageError(
        "--listen: without --tls-cert whoever carries it reads the viewers' token; name a certificate, or use "
        "127.0.0.1:" +
        std::to_string(o.listen.port) + " behind a web server");
  if (o.report_listen && !ops::is_loopback(o.report_listen->address) && !o.face.tls_cert)
    throw ops::UsageError(
        "--report-listen: without --tls-cert whoever carries reports reads them; name a certificate, or use "
        "127.0.0.1:" +
        std::to_string(o.report_listen->port) + " behind a web server");
  if (o.unbounded_compat && (!local || (o.report_listen && !ops::is_loopback(o.report_listen->address))))
    throw ops::UsageError("--unbounded-compat: anybody may say anything there; it is for loopback addresses only");
  if (!o.network && !o.unbounded_compat)
    throw ops::UsageError(
        "--network: without a network's root.pub no reporter can be believed; name its folder, or a copy with "
        "root.pub");
}

}  // namespace footbridge::netstate
