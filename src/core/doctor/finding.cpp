#include "core/doctor/finding.hpp"

#include <array>

#include "base/assert.hpp"
#include "core/nat/nat_report.hpp"

namespace footbridge::core {

std::string_view name(Check check) {
  switch (check) {
    case Check::Configuration: return "configuration";
    case Check::State: return "state";
    case Check::Route: return "route";
    case Check::Names: return "names";
    case Check::Clock: return "clock";
    case Check::Directory: return "directory";
    case Check::Broker: return "broker";
    case Check::Egress: return "egress";
    case Check::Udp: return "udp";
    case Check::Stun: return "stun";
    case Check::Nat: return "nat";
    case Check::Router: return "router";
    case Check::Ipv6: return "ipv6";
    case Check::LocalProxy: return "local-proxy";
    case Check::Programs: return "programs";
    case Check::Descriptors: return "descriptors";
    case Check::Tor: return "tor";
  }
  FB_ASSERT(false);
}

std::string_view title(Check check) {
  switch (check) {
    case Check::State: return "state directory";
    case Check::Route: return "way out";
    case Check::Names: return "name servers";
    case Check::Udp: return "UDP";
    case Check::Stun: return "STUN server";
    case Check::Nat: return "address translation";
    case Check::Router: return "home router";
    case Check::Ipv6: return "IPv6";
    case Check::LocalProxy: return "local proxy";
    case Check::Programs: return "your programs";
    case Check::Descriptors: return "open files";
    case Check::Tor: return "Tor relay";
    case Check::Configuration:
    case Check::Clock:
    case Check::Directory:
    case Check::Broker:
    case Check::Egress: return name(check);
  }
  FB_ASSERT(false);
}

std::string_view name(Level level) {
  switch (level) {
    case Level::Ok: return "ok";
    case Level::Note: return "note";
    case Level::Problem: return "problem";
  }
  FB_ASSERT(false);
}

namespace {

struct Row {
  Finding finding;
  FindingWords words;
};

constexpr auto kOk = Level::Ok;
constexpr auto kNote = Level::Note;
constexpr auto kProblem = Level::Problem;

// Address translation has the words of core/nat: they are added by words().
constexpr std::array<Row, kFindings> kRows{{
    {Finding::NetworkJoined, {Check::Configuration, kOk, "network-joined", "a network was joined", ""}},
    {Finding::BrokerNamed,
     {Check::Configuration, kOk, "broker-named", "options name the broker; no joined network's directory is looked at",
      ""}},
    {Finding::NothingJoined,
     {Check::Configuration, kProblem, "nothing-joined", "no network was joined, and no option names a broker",
      "run footbridge join and paste the invite that you were given; or name a broker with --broker, and with --stun "
      "whom to ask about UDP"}},
    {Finding::NoBrokerNamed,
     {Check::Configuration, kNote, "no-broker-named", "no option names a broker, so none is asked",
      "name with --broker what the people of your network use"}},
    {Finding::SeveralJoined,
     {Check::Configuration, kProblem, "several-joined", "several networks were joined, and none is chosen",
      "say which one is meant with --network, here and to the programs; footbridge join --list has their names"}},
    {Finding::NetworkUnknown,
     {Check::Configuration, kProblem, "network-unknown", "--network names none, or several, of the joined networks",
      "footbridge join --list has their names and their roots' digits"}},
    {Finding::InviteLeadsNowhere,
     {Check::Configuration, kProblem, "invite-leads-nowhere", "the invite names no broker that can be reached in TLS",
      "ask who invited you for another invite"}},

    {Finding::StateFine, {Check::State, kOk, "state-fine", "only this user can read it, and it can be written", ""}},
    {Finding::StateAbsent, {Check::State, kOk, "state-absent", "there is none yet; the first start makes it", ""}},
    {Finding::StateNowhere,
     {Check::State, kNote, "state-nowhere", "there is no home directory to keep anything in",
      "name a directory with --state-dir, or nothing outlives the program, and no network can be joined"}},
    {Finding::StateOpen,
     {Check::State, kProblem, "state-open", "other users of this machine can read or change what is kept there",
      "run chmod -R go= on it: with your invite others can pass for you"}},
    {Finding::StateForeign,
     {Check::State, kProblem, "state-foreign", "it, or something in it, belongs to another user",
      "run the program always as the same user, and chown -R it to that one"}},
    {Finding::StateClosed,
     {Check::State, kProblem, "state-closed", "this user may not look into it, or into something in it",
      "run this as the user who runs the program; or name a directory of your own with --state-dir"}},
    {Finding::StateOfAnother,
     {Check::State, kNote, "state-of-another", "all of it belongs to another user, as a service's does",
      "run the program as that user only: what root leaves there that user cannot read"}},
    {Finding::StateLocked,
     {Check::State, kProblem, "state-locked", "it cannot be written",
      "see whether the disk is full or mounted read-only, and whose directory it is"}},
    {Finding::StateSpoiled,
     {Check::State, kProblem, "state-spoiled", "a file in it is no longer what was kept there, or cannot be read",
      "footbridge join --list names the file; remove what it names, and join again"}},

    {Finding::RouteFine, {Check::Route, kOk, "route-fine", "this machine has a way out", ""}},
    {Finding::RouteNotNeeded,
     {Check::Route, kOk, "route-not-needed", "this machine has none, and what was checked needs none", ""}},
    {Finding::RouteNone,
     {Check::Route, kProblem, "no-network", "this machine has no network",
      "connect it to one: plug in the cable, or join the Wi-Fi; all else was not reached because of this"}},
    {Finding::NothingAnswers,
     {Check::Route, kProblem, "nothing-answers",
      "this machine has a network, but nobody out there answers, over TCP or over UDP",
      "open any web page: a login page may wait there, the line may be down, or a firewall may let nothing out"}},

    {Finding::NamesFine, {Check::Names, kOk, "names-fine", "they answer", ""}},
    {Finding::NamesNotNeeded, {Check::Names, kOk, "names-not-needed", "nothing that was checked has a name", ""}},
    {Finding::NamesSilent,
     {Check::Names, kProblem, "names-silent", "no name server answers",
      "see whether other programs find web sites by name; set another name server for this machine"}},

    {Finding::ClockRight, {Check::Clock, kOk, "clock-right", "right", ""}},
    {Finding::ClockUnknown,
     {Check::Clock, kNote, "clock-unknown", "not compared: nobody who proves its name in TLS told the time",
      "compare it with another clock yourself; half a minute does not matter"}},
    {Finding::ClockDisputed,
     {Check::Clock, kNote, "clock-disputed", "right by one server's clock and wrong by another's",
      "nothing, if it is right by your own watch: that server's clock is wrong then"}},
    {Finding::ClockOff,
     {Check::Clock, kProblem, "clock-off", "this machine's clock is wrong",
      "set it, and the time zone, too: timedatectl set-ntp true; certificates and what a network signs are judged by "
      "it"}},
    {Finding::ClockFarOff,
     {Check::Clock, kProblem, "clock-far-off", "this machine's clock is wrong by more than a day",
      "set it, and the date first: timedatectl set-ntp true; until then no certificate and nothing that a network "
      "signs "
      "is believed"}},

    {Finding::DirectoryCurrent, {Check::Directory, kOk, "directory-current", "signed by its network, and current", ""}},
    {Finding::DirectoryStale,
     {Check::Directory, kNote, "directory-stale", "out of date; it is used for a day more",
      "tell who runs the network that its directory is not signed anew (footbridge network directory, once a day)"}},
    {Finding::DirectoryNone,
     {Check::Directory, kProblem, "directory-none", "none is kept here, and none was handed out",
      "it comes from a broker: mend the way to one"}},
    {Finding::DirectoryOver,
     {Check::Directory, kProblem, "directory-over",
      "the one that is kept here is too old to be used, and none newer came",
      "a newer one comes from a broker: mend the way to one; or look at this machine's clock"}},
    {Finding::DirectoryServedOver,
     {Check::Directory, kProblem, "directory-served-over", "the brokers hand out one whose time is over",
      "who runs the network has to sign a new one: footbridge network directory, once a day; if all is well for "
      "others, "
      "look at this machine's clock"}},
    {Finding::DirectoryServedWrong,
     {Check::Directory, kProblem, "directory-served-wrong", "what the brokers hand out is not to be believed",
      "ask who runs the network: it may be another network's, or its key may be in other hands"}},

    {Finding::BrokerAnswers, {Check::Broker, kOk, "broker-answers", "answers", ""}},
    {Finding::BrokerNoName,
     {Check::Broker, kProblem, "broker-no-name", "its name has no address here",
      "see whether it is spelled right; where names are censored, a network gives a front"}},
    {Finding::BrokerRefused,
     {Check::Broker, kProblem, "broker-refused", "nothing listens at its address",
      "is the broker running, and is this its address? Ask who runs the network"}},
    {Finding::BrokerSilent,
     {Check::Broker, kProblem, "broker-silent", "it does not answer",
      "it is down, or somebody on the way blocks it: try from another network; a network can name fronts against "
      "that"}},
    {Finding::BrokerCut,
     {Check::Broker, kProblem, "broker-cut", "the connection is cut before an answer",
      "somebody on the way may cut it: try from another network, or through a front"}},
    {Finding::BrokerNoTls,
     {Check::Broker, kProblem, "broker-no-tls", "what answers speaks no TLS that we know",
      "see whether address and port are right; a login page of this network may answer in its place"}},
    {Finding::BrokerExpired,
     {Check::Broker, kProblem, "broker-expired", "its certificate has ended",
      "if this machine's clock is right, who runs it has to renew its certificate"}},
    {Finding::BrokerNotYet,
     {Check::Broker, kProblem, "broker-not-yet", "its certificate has not begun",
      "set this machine's clock: it is probably behind"}},
    {Finding::BrokerWrongName,
     {Check::Broker, kProblem, "broker-wrong-name", "its certificate is for another name",
      "see whether the address is right; if it is, somebody is in between"}},
    {Finding::BrokerUnproven,
     {Check::Broker, kProblem, "broker-unproven", "nobody whom this machine trusts vouches for its certificate",
      "name the network's own authority with --broker-ca; if it has none, somebody is in between"}},
    {Finding::BrokerWrongKey,
     {Check::Broker, kProblem, "broker-wrong-key", "it shows another key than the network says",
      "ask who runs the network whether the key was changed; if it was not, somebody is in between"}},
    {Finding::BrokerStrange,
     {Check::Broker, kProblem, "broker-strange", "what answers is not this network's broker",
      "see whether the address is right, and whether this program is up to date; ask who runs the network"}},
    {Finding::BrokerHidden,
     {Check::Broker, kNote, "broker-hidden",
      "a web server answers; whether a broker is behind it learns only who was invited to its network",
      "run footbridge join with an invite to this network first; if it has none, see whether the address is right"}},
    {Finding::BrokerNotAsked,
     {Check::Broker, kOk, "broker-not-asked", "not asked: a client asks one after the other, until one answers", ""}},
    {Finding::BrokerNoTime,
     {Check::Broker, kNote, "broker-no-time", "not asked: those that were asked before it took all the time",
      "with --all-ways all are asked at once, which no client does: who watches would see it"}},

    {Finding::EgressNotAsked,
     {Check::Egress, kOk, "egress-not-asked",
      "not asked: a client never connects to one itself, as who watches would see it", ""}},
    {Finding::EgressAnswers, {Check::Egress, kOk, "egress-answers", "answers", ""}},
    {Finding::EgressNoName,
     {Check::Egress, kProblem, "egress-no-name", "its name has no address here",
      "see whether it is spelled right, and whether other names are found"}},
    {Finding::EgressRefused,
     {Check::Egress, kProblem, "egress-refused", "nothing listens at its address",
      "is the egress running, and is its relay URL right? Ask who runs it"}},
    {Finding::EgressSilent,
     {Check::Egress, kProblem, "egress-silent", "it does not answer",
      "it is down, or a firewall is in between: its own, or this network's"}},
    {Finding::EgressCut,
     {Check::Egress, kProblem, "egress-cut", "the connection is cut before an answer",
      "see the log of the egress, or of the web server before it"}},
    {Finding::EgressNoTls,
     {Check::Egress, kProblem, "egress-no-tls", "what answers speaks no TLS that we know",
      "see whether address and port are right"}},
    {Finding::EgressWrongTime,
     {Check::Egress, kProblem, "egress-wrong-time", "its certificate has ended, or not begun",
      "if this machine's clock is right, who runs it has to renew its certificate"}},
    {Finding::EgressUnproven,
     {Check::Egress, kProblem, "egress-unproven", "its certificate does not prove that it is who was meant",
      "ask who runs the network; --broker-ca names an authority of the network's own"}},
    {Finding::EgressPrivate,
     {Check::Egress, kProblem, "egress-private", "it is at a private address, and volunteers dial public ones only",
      "its relay URL has to be one that everybody reaches; --allow-private-egress is for tests"}},
    {Finding::EgressStrange,
     {Check::Egress, kProblem, "egress-strange", "what answers is no web server, as every egress looks like one",
      "see whether address and port are right"}},

    {Finding::UdpOut, {Check::Udp, kOk, "udp-out", "packets go out, and answers come back", ""}},
    {Finding::UdpNotAsked,
     {Check::Udp, kNote, "udp-not-asked", "not tried: no STUN server is known that has an address here",
      "name two with --stun HOST:PORT"}},
    {Finding::UdpRefused,
     {Check::Udp, kProblem, "udp-refused", "this machine itself does not let UDP out",
      "let UDP out in this machine's own firewall; without it no link opens"}},
    {Finding::UdpNobodyThere,
     {Check::Udp, kProblem, "udp-nobody-there", "UDP goes out, but nobody listens at any of the STUN servers",
      "name other servers with --stun"}},
    {Finding::UdpOneSilent,
     {Check::Udp, kProblem, "udp-one-silent", "the one STUN server gives no answer: it is down, or UDP is blocked here",
      "name a second one with --stun, which tells the two apart"}},
    {Finding::UdpSilent,
     {Check::Udp, kProblem, "udp-silent", "no answer to any UDP packet: links can hardly open from here",
      "this network blocks UDP, or all of these STUN servers: let UDP out in the firewall, name other servers with "
      "--stun, or use another network"}},

    {Finding::StunAnswers, {Check::Stun, kOk, "stun-answers", "answers", ""}},
    {Finding::StunSilent,
     {Check::Stun, kNote, "stun-silent", "does not answer",
      "nothing, as long as others do; leave it out if it stays so"}},
    {Finding::StunNobodyThere,
     {Check::Stun, kNote, "stun-nobody-there", "nobody listens there", "see whether name and port are right"}},
    {Finding::StunNoName,
     {Check::Stun, kNote, "stun-no-name", "its name has no address here", "see whether it is spelled right"}},
    {Finding::StunNotSent,
     {Check::Stun, kNote, "stun-not-sent", "no packet could be sent to it",
      "see whether this machine has a way to addresses of its kind"}},

    {Finding::NatOpen, {Check::Nat, kOk, "nat-open", "", ""}},
    {Finding::NatModerate, {Check::Nat, kOk, "nat-moderate", "", ""}},
    {Finding::NatFirewall, {Check::Nat, kOk, "nat-firewall", "", ""}},
    {Finding::NatStrict, {Check::Nat, kNote, "nat-strict", "", ""}},
    {Finding::NatUnmeasured, {Check::Nat, kNote, "nat-unmeasured", "", ""}},
    {Finding::NatNoUdp, {Check::Nat, kNote, "nat-no-udp", "", ""}},

    {Finding::RouterForwards, {Check::Router, kOk, "router-forwards", "it forwards a port when it is asked", ""}},
    {Finding::RouterNotNeeded,
     {Check::Router, kOk, "router-not-needed", "none has to be asked: no router translates for this machine", ""}},
    {Finding::RouterRefuses,
     {Check::Router, kNote, "router-refuses", "it does not want to forward ports",
      "switch on UPnP or NAT-PMP in the router's settings: more people can then be helped"}},
    {Finding::RouterSilent,
     {Check::Router, kNote, "router-silent", "it does not answer when it is asked to forward a port",
      "switch on UPnP or NAT-PMP in the router's settings: more people can then be helped"}},
    {Finding::RouterUseless,
     {Check::Router, kNote, "router-useless", "it forwards ports, but is behind another translation itself",
      "ask the provider for an address of your own; volunteers with one are what is scarce"}},

    {Finding::Ipv6Here, {Check::Ipv6, kOk, "ipv6-here", "this machine has it", ""}},
    {Finding::Ipv6None, {Check::Ipv6, kOk, "ipv6-none", "this machine has none; IPv4 does by itself", ""}},

    {Finding::ProxyAnswers, {Check::LocalProxy, kOk, "proxy-answers", "a client runs here and answers", ""}},
    {Finding::ProxyNobody,
     {Check::LocalProxy, kNote, "proxy-nobody", "no client runs here",
      "start it with footbridge connect; if it listens elsewhere, say where with --proxy"}},
    {Finding::ProxyForeign,
     {Check::LocalProxy, kProblem, "proxy-foreign", "another program answers where the client's proxy should be",
      "end that program, or give the client another port with --listen"}},

    {Finding::ProgramsUnset,
     {Check::Programs, kOk, "programs-unset", "no variable of this shell names a proxy; each program is set by itself",
      ""}},
    {Finding::ProgramsRight,
     {Check::Programs, kOk, "programs-right", "leads to the local proxy, and names are looked up behind it", ""}},
    {Finding::ProgramsElsewhere,
     {Check::Programs, kNote, "programs-elsewhere", "leads somewhere else than to the local proxy",
      "if that is not meant, set it anew, as docs/ops/connect.md shows"}},
    {Finding::ProgramsBypass,
     {Check::Programs, kNote, "programs-bypass", "makes programs go past the proxy for every name",
      "take the * out of it: what goes past the proxy can be seen here"}},
    {Finding::ProgramsLookUp,
     {Check::Programs, kProblem, "programs-look-up",
      "programs that read this look names up here, so this network sees which sites you visit",
      "write socks5h:// in place of socks5://, and socks4a:// in place of socks4://"}},

    {Finding::DescriptorsEnough, {Check::Descriptors, kOk, "descriptors-enough", "enough for what it is for", ""}},
    {Finding::DescriptorsFew,
     {Check::Descriptors, kNote, "descriptors-few", "this system lets a program open few files and connections",
      "raise the hard limit: LimitNOFILE=1048576 in the unit, or ulimit -Hn; each connection needs one"}},

    {Finding::TorNone, {Check::Tor, kOk, "tor-none", "none runs on this machine", ""}},
    {Finding::TorRelay,
     {Check::Tor, kNote, "tor-relay", "a Tor relay or bridge seems to run on this machine",
      "volunteer from another address: those of relays are public, censors block them, and people would not reach you; "
      "a bridge would be given away with you"}},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFindings; ++i)
    if (kRows[i].finding != static_cast<Finding>(i)) return false;
  return true;
}
static_assert(in_order());

NatReport example(Finding finding) {
  using enum wire::NatBehaviour;
  NatReport out{.heard = true, .asked = true};
  if (finding == Finding::NatOpen) out.nat = {EndpointIndependent, EndpointIndependent};
  if (finding == Finding::NatModerate) out.nat = {EndpointIndependent, AddressAndPortDependent};
  if (finding == Finding::NatFirewall) {
    out.nat = {EndpointIndependent, AddressAndPortDependent};
    out.translated = false;
  }
  if (finding == Finding::NatStrict) out.nat = {AddressAndPortDependent, AddressAndPortDependent};
  if (finding == Finding::NatNoUdp) out.heard = false;
  return out;
}

}  // namespace

FindingWords words(Finding finding) {
  auto out = kRows.at(static_cast<std::size_t>(finding)).words;
  if (out.check != Check::Nat) return out;
  const auto report = example(finding);
  out.says = meaning(report);
  out.advice = advice(report);
  return out;
}

}  // namespace footbridge::core
