// What each program accepts and refuses, with the words it uses.
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "ops/errors.hpp"
#include "ops/options.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/broker/broker_options.hpp"
#include "programs/client/connect_options.hpp"
#include "programs/command.hpp"
#include "programs/demo/demo_options.hpp"
#include "programs/egress/egress_options.hpp"
#include "programs/egress_descriptor.hpp"
#include "programs/netstate/netstate_options.hpp"
#include "programs/proxy/volunteer_options.hpp"

namespace footbridge {
namespace {

using Texts = std::vector<std::string>;

template <class Options>
std::string verdict(const Texts& arguments) {
  try {
    Options options;
    auto table = option_table(options);
    ops::load_options(table, arguments, {});
    check(options);
  } catch (const ops::UsageError& error) {
    return error.what();
  }
  return "fine";
}

constexpr auto kBroker = verdict<broker::BrokerOptions>;
constexpr auto kEgress = verdict<egress::EgressOptions>;
constexpr auto kVolunteer = verdict<proxy::VolunteerOptions>;
constexpr auto kConnect = verdict<client::ConnectOptions>;
constexpr auto kNetstate = verdict<netstate::NetstateOptions>;

Texts with(Texts base, const Texts& more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

TEST(BrokerOptions, StayOnLoopbackWithoutACertificate) {
  const Texts base = {"--egress", "ws://127.0.0.1:8901/", "--leg-key-file", "k"};
  EXPECT_EQ(kBroker(base), "fine");
  EXPECT_EQ(kBroker(with(base, {"--listen", "[::1]:0"})), "fine");
  for (const auto listen : {"0.0.0.0:8900", "192.0.2.1:8900", "[::]:8900"})
    EXPECT_EQ(kBroker(with(base, {"--listen", listen})),
              "--listen: without --tls-cert only a loopback address is accepted: a broker has to look like a web site, "
              "and without --network whoever carries messages reads who wants help; name a certificate, or use "
              "127.0.0.1:8900 behind a web server")
        << listen;
}

TEST(BrokerOptions, TakeACertificateOnlyWithItsKey) {
  const Texts base = {"--egress", "ws://127.0.0.1:8901/", "--leg-key-file", "k"};
  EXPECT_EQ(kBroker(with(base, {"--listen", "0.0.0.0:443", "--tls-cert", "c", "--tls-key", "k"})), "fine");
  EXPECT_EQ(kBroker(with(base, {"--tls-cert", "c"})), "--tls-key: --tls-cert needs the key that belongs to it");
  EXPECT_EQ(kBroker(with(base, {"--tls-key", "k"})), "--tls-cert: --tls-key needs the certificate it belongs to");
}

TEST(BrokerOptions, ShowPagesOfOneMachineOnThatMachineOnly) {
  const Texts base = {"--egress", "ws://127.0.0.1:8901/", "--leg-key-file", "k", "--web", "w"};
  const Texts everywhere = {"--listen", "0.0.0.0:443", "--tls-cert", "c", "--tls-key", "k"};
  EXPECT_EQ(kBroker(base), "fine");
  EXPECT_TRUE(kBroker(with(base, everywhere)).starts_with("--web: without --network"))
      << kBroker(with(base, everywhere));
  EXPECT_EQ(kBroker(with({"--network", "n", "--leg-key-file", "k", "--web", "w"}, everywhere)), "fine");
}

TEST(BrokerOptions, NeedAnEgressWithItsKey) {
  EXPECT_EQ(kBroker({}),
            "--egress: no egress is known, so there is nowhere to send anybody; name one, or --egress-file");
  EXPECT_EQ(kBroker({"--egress", "ws://127.0.0.1:1/"}),
            "--leg-key-file: --egress needs the key that broker and egress share");
  EXPECT_EQ(kBroker({"--egress-file", "f"}), "fine");
  EXPECT_EQ(kBroker({"--egress-file", "f", "--leg-key-file", "k"}),
            "--leg-key-file: belongs to --egress; in --egress-file each egress has its key_file");
}

TEST(BrokerOptions, OfANetworkNameTheKeysOfItsEgressesOnly) {
  const Texts network = {"--network", "n"};
  EXPECT_EQ(kBroker(with(network, {"--leg-key-file", "k"})), "fine");
  EXPECT_EQ(kBroker(with(network, {"--egress-file", "f", "--name", "one"})), "fine");
  EXPECT_TRUE(kBroker(network).starts_with("--network: the keys shared with its egresses are missing"));
  EXPECT_EQ(kBroker(with(network, {"--egress", "ws://127.0.0.1:1/", "--leg-key-file", "k"})),
            "--egress: with --network the directory says which egresses there are; leave it out");
  EXPECT_EQ(kBroker({"--egress-file", "f", "--name", "one"}),
            "--name: says which broker of a --network this is; name that, too");
}

TEST(EgressOptions, NeedKeysAndAPolicyThatSaysSomething) {
  const Texts base = {"--identity-file", "i", "--leg-key-file", "k"};
  EXPECT_EQ(kEgress(base), "fine");
  EXPECT_EQ(kEgress({}).substr(0, 17), "--identity-file: ");
  EXPECT_EQ(kEgress({"--identity-file", "i"}).substr(0, 16), "--leg-key-file: ");
  EXPECT_EQ(kEgress(with(base, {"--policy", "custom"})),
            "--policy: custom allows nothing by itself; name ports with --allow-ports");
  EXPECT_EQ(kEgress(with(base, {"--policy", "custom", "--allow-ports", "443", "--allow-ports", "5222-5223"})), "fine");
  EXPECT_EQ(kEgress(with(base, {"--allow-ports", "443"})), "--allow-ports: works with --policy custom only");
  EXPECT_EQ(kEgress(with(base, {"--descriptor-out", "d"})), "fine")
      << "on loopback the relay URL follows from --listen";
  EXPECT_EQ(kEgress(with(base, {"--listen", "0.0.0.0:8443", "--descriptor-out", "d"})).substr(0, 13), "--relay-url: ");
  EXPECT_EQ(kEgress(with(base, {"--id", "Not Good"})).substr(0, 6), "--id: ");
}

TEST(VolunteerOptions, NeedANetworkAndAreSafeByDefault) {
  EXPECT_EQ(kVolunteer({}), "fine");
  EXPECT_EQ(kVolunteer({"--broker", "http://127.0.0.1:8900/"}),
            "--egress: name the egresses this volunteer may dial; it never dials anything else");
  const Texts base = {"--broker", "http://127.0.0.1:8900/", "--egress", "wss://egress.example/"};
  EXPECT_EQ(kVolunteer(base), "fine");
  EXPECT_EQ(kVolunteer(with(base, {"--egress", "ws://localhost:1/"})),
            "--egress: a loopback egress is for demo and tests; say --allow-private-egress if you mean it");
  EXPECT_EQ(kVolunteer(with(base, {"--egress", "ws://localhost:1/", "--allow-private-egress"})), "fine");
  EXPECT_EQ(kVolunteer(with(base, {"--slots", "11"})).substr(0, 9), "--slots: ");
  proxy::VolunteerOptions defaults;
  EXPECT_FALSE(defaults.link.allow_private_candidates);
  EXPECT_FALSE(defaults.allow_private_egress);
  EXPECT_FALSE(defaults.common.log.unsafe);
}

TEST(VolunteerOptions, RefuseABrokerInTheClearThatIsNotOnThisMachineWithoutNamingIt) {
  const auto text = kVolunteer({"--broker", "http://broker.example/", "--egress", "ws://e.example/"});
  EXPECT_EQ(text.substr(0, 62), "--broker: http:// is accepted for a broker on this machine onl");
  EXPECT_EQ(text.find("broker.example"), std::string::npos);
  EXPECT_EQ(kVolunteer({"--broker", "https://broker.example/", "--egress", "ws://e.example/"}), "fine");
}

TEST(ClientAndVolunteerOptions, RefuseFrontsThatCannotWork) {
  const Texts base = {"--egress-pin", std::string(64, 'a')};
  const auto tls = with(base, {"--broker", "https://broker.example/", "--broker", "https://other.example/"});
  EXPECT_EQ(kConnect(with(tls, {"--front", "cdn.example", "--front", "cdn.example:444"})), "fine");
  EXPECT_EQ(kConnect(with(with(base, {"--broker", "http://127.0.0.1/"}), {"--front", "cdn.example"})),
            "--front: a front is asked inside TLS; write https:// for every --broker");
  for (const auto* const wrong : {"https://cdn.example", "cdn.example/", "cdn.example?x", "", "a b"})
    EXPECT_EQ(kConnect(with(tls, {"--front", wrong})).substr(0, 9), "--front: ") << wrong;
  auto many = tls;
  for (std::size_t i = 0; i <= kMaxFronts; ++i) many = with(many, {"--front", "cdn.example"});
  EXPECT_EQ(kConnect(many), "--front: more than 8 are not tried; name fewer");
}

TEST(ConnectOptions, NeedABrokerAndAKeyToTrust) {
  EXPECT_EQ(kConnect({}), "fine");
  EXPECT_EQ(kConnect({"--broker", "http://127.0.0.1:8900/"}),
            "--egress-pin: name the key of the egress to trust, or its file with --egress-descriptor");
  const Texts base = {"--broker", "http://127.0.0.1:8900/", "--egress-pin", std::string(64, 'a')};
  EXPECT_EQ(kConnect(base), "fine");
  EXPECT_EQ(kConnect(with(base, {"--listen", "0.0.0.0:1080"})),
            "--listen: others could use this proxy; use 127.0.0.1:1080, or say --i-know-the-proxy-is-open");
  EXPECT_EQ(kConnect(with(base, {"--listen", "0.0.0.0:1080", "--i-know-the-proxy-is-open"})), "fine");
}

TEST(EgressOptions, OfABridgeBelongTogether) {
  const Texts base = {"--identity-file", "i", "--leg-key-file", "k"};
  EXPECT_EQ(kEgress(with(base, {"--or-port", "127.0.0.1:9001"})), "fine");
  EXPECT_EQ(kEgress(with(base, {"--ext-or-port", "127.0.0.1:9002"})),
            "--ext-or-port: it and --auth-cookie-file need each other");
  EXPECT_EQ(kEgress(with(base, {"--auth-cookie-file", "c"})),
            "--ext-or-port: it and --auth-cookie-file need each other");
  EXPECT_EQ(kEgress(with(base, {"--policy", "off"})),
            "--policy: off leaves nothing to do without --or-port or --ext-or-port");
  const auto door = with(base, {"--policy", "off", "--ext-or-port", "[::1]:9002", "--auth-cookie-file", "c"});
  EXPECT_EQ(kEgress(door), "fine");
  EXPECT_EQ(kEgress(with(door, {"--allow-destination", "127.0.0.1:80"})),
            "--policy: off lets nothing out, so --udp custom and --allow-destination do not go with it");
}

std::string file_verdict(std::string_view text) {
  const ops::ScratchDir scratch;
  const auto path = scratch.write("e.toml", text);
  try {
    read_egress_file("--egress-file", {path});
  } catch (const ops::UsageError& error) {
    const std::string why = error.what();
    const auto prefix = "--egress-file: " + path;
    return why.starts_with(prefix) ? why.substr(prefix.size()) : why;
  }
  return "fine";
}

TEST(EgressFile, ReadsWhatTheEgressWrites) {
  EgressDescriptor egress{"egress-1",
                          Private(*ops::ValueType<ops::WsUrl>::parse("ws://127.0.0.1:8901/leg")),
                          std::uint16_t{8911},
                          ops::ValueType<ops::Pin>::parse(std::string(64, 'b')).value(),
                          ops::ValueType<ops::Pin>::parse(std::string(64, 'c')).value(),
                          std::nullopt};
  const ops::ScratchDir scratch;
  const auto file = scratch.write("e.toml", descriptor_text(egress) + "key_file = \"leg.key\"\n");
  const auto read = read_egress_file("--egress-file", {file});
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].id, "egress-1");
  EXPECT_EQ(read[0].relay.reveal_to_socket().text, "ws://127.0.0.1:8901/leg");
  EXPECT_EQ(read[0].relay_udp_port, 8911);
  EXPECT_EQ(read[0].pin, egress.pin);
  EXPECT_EQ(read[0].relay_tls_pin, egress.relay_tls_pin);
  EXPECT_EQ(read[0].key_file->path, "leg.key");
}

TEST(EgressFile, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(file_verdict("[[egress]]\nid = \"a\"\n"), ":2:1: the egress a has no relay");
  EXPECT_EQ(file_verdict("[[egress]]\nrelay = \"ws://a.example/\"\n"), ":2:1: this [[egress]] has no id");
  EXPECT_EQ(file_verdict("[[egress]]\nid = \"a\"\nrelai = \"x\"\n"), ":3:1: unknown key relai; did you mean relay?");
  EXPECT_EQ(file_verdict("[[egress]]\nid = \"a\"\nrelay = \"http://secret.example/\"\n"),
            ":3:1: relay: the value is not a ws:// or wss:// URL; it needs a ws:// or wss:// URL");
  EXPECT_EQ(file_verdict("[[egress]]\nid = \"a\"\nrelay_udp_port = 65536\n"),
            ":3:1: relay_udp_port: not a port from 1 to 65535");
  EXPECT_EQ(file_verdict("[egress]\nid = \"a\"\n"), ":2:1: only tables [[egress]] belong into this file");
  EXPECT_EQ(file_verdict("x = 1\n"), ":1:1: only tables [[egress]] belong into this file");
  EXPECT_EQ(file_verdict("[[egress]]\nid = \"a\"\nrelay = \"ws://a/\"\n[[egress]]\nid = \"a\"\nrelay = \"ws://b/\"\n"),
            ":5:1: the id a is used twice");
  EXPECT_NE(file_verdict("").find("describes no egress"), std::string::npos);
}

TEST(Reload, TellsWhatAppliesAndWhatNeedsARestart) {
  const ops::ScratchDir scratch;
  const auto config = [&](std::string_view slots, std::string_view level, std::string_view format) {
    return scratch.write(
        "v.toml",
        "[volunteer]\nbroker = \"http://127.0.0.1:1/\"\negress = [\"ws://e.example/\"]\nslots = " + std::string(slots) +
            "\n[log]\nlevel = \"" + std::string(level) + "\"\nformat = \"" + std::string(format) + "\"\n");
  };
  const OptionSources<proxy::VolunteerOptions> sources{.arguments = {"--config", config("2", "notice", "logfmt")},
                                                       .named = {}};
  proxy::VolunteerOptions current;
  load_again(sources, current);
  config("5", "debug", "json");
  const auto changed = load_again(sources, current);
  EXPECT_EQ(changed.reloadable, (Texts{"volunteer.slots", "log.level"}));
  EXPECT_EQ(changed.needs_restart, Texts{"log.format"});
  EXPECT_EQ(changed.options.slots, 5U);
  EXPECT_TRUE(load_again(sources, current).reloadable.empty()) << "compared with the last reload, not with the start";
  config("eleven", "debug", "json");
  EXPECT_THROW(load_again(sources, current), ops::UsageError);
  EXPECT_EQ(current.slots, 5U) << "a wrong file changes nothing";
}

const Texts kNetwork = {"--broker", "http://127.0.0.1:1/", "--egress-pin", std::string(64, 'a')};

TEST(ConnectOptions, NameTheProxyInFrontOnceAndRepeatNothingOfIt) {
  const auto of = [](const Texts& more) { return kConnect(with(kNetwork, more)); };
  EXPECT_EQ(of({"--upstream-proxy", "socks5://u:hush@192.0.2.1:1080"}), "fine");
  for (const auto* bad : {"socks5://u:hush@proxy.example:1080", "http://u:hush@192.0.2.1:1080", "u:hush"}) {
    const auto said = of({"--upstream-proxy", bad});
    EXPECT_TRUE(said.starts_with("--upstream-proxy: ")) << said;
    EXPECT_EQ(said.find("hush"), std::string::npos) << said;
  }
  client::ConnectOptions options;
  auto table = option_table(options);
  const auto loaded = ops::load_options(table, Texts{"--upstream-proxy", "socks5://u:hush@192.0.2.1:1080"}, {});
  EXPECT_EQ(ops::print_config(table, loaded).find("hush"), std::string::npos);
}

TEST(ConnectOptions, ReadTheProxyFromAFileOfTheOwnersOnly) {
  const ops::ScratchDir scratch;
  const auto file = scratch.write("upstream.url", "socks5://u:ser:p@ss@192.0.2.1:1080\n");
  client::ConnectOptions options;
  options.upstream_proxy_file = ops::FilePath{file};
  const auto way = client::way_out(options);
  ASSERT_TRUE(way.upstream.has_value());
  EXPECT_EQ(way.upstream->credentials->reveal_to_socket(), (wire::ProxyCredentials{"u", "ser:p@ss"}));
}

TEST(ConnectOptions, BindOneAddressOfEachFamily) {
  client::ConnectOptions options;
  options.bind_address = {Private(*IpAddress::parse("192.0.2.5")), Private(*IpAddress::parse("2001:db8::5"))};
  EXPECT_EQ(client::way_out(options).local.towards(Family::V6), IpAddress::parse("2001:db8::5"));
  options.bind_address.push_back(options.bind_address[0]);
  EXPECT_THROW(client::way_out(options), ops::UsageError);
}

TEST(NetstateOptions, ShowNothingToOtherMachinesWithoutATokenAndACertificate) {
  const Texts base = {"--network", "net"};
  EXPECT_EQ(kNetstate(base), "fine");
  EXPECT_TRUE(kNetstate({}).starts_with("--network: "));
  EXPECT_EQ(kNetstate({"--unbounded-compat"}), "fine");
  const auto open = with(base, {"--listen", "0.0.0.0:8904"});
  EXPECT_TRUE(kNetstate(open).starts_with("--listen: an address of other machines")) << kNetstate(open);
  const auto guarded = with(open, {"--viewer-token-file", "token"});
  EXPECT_TRUE(kNetstate(guarded).starts_with("--listen: without --tls-cert")) << kNetstate(guarded);
  const Texts tls = {"--tls-cert", "c", "--tls-key", "k"};
  EXPECT_EQ(kNetstate(with(guarded, tls)), "fine");
  EXPECT_TRUE(kNetstate(with(with(guarded, tls), {"--unbounded-compat"})).starts_with("--unbounded-compat: "));
  const auto reports = with(base, {"--report-listen", "0.0.0.0:8905"});
  EXPECT_TRUE(kNetstate(reports).starts_with("--report-listen: ")) << kNetstate(reports);
  EXPECT_EQ(kNetstate(with(reports, tls)), "fine");
}

TEST(ReporterOptions, TakeATagThatCannotSpellAnAddressAndOnlyWithAFile) {
  const Texts base = {"--egress", "ws://127.0.0.1:8901/", "--leg-key-file", "k"};
  EXPECT_TRUE(kBroker(with(base, {"--tag", "attic"})).starts_with("--tag: goes with --reporter"));
  EXPECT_EQ(kBroker(with(base, {"--tag", "attic", "--reporter", "r.toml"})), "fine");
  for (const auto wrong : {"192.0.2.1", "192-0-2-1", "2001:db8", "Attic", "seventeen-letters-"})
    EXPECT_TRUE(kBroker(with(base, {"--tag", wrong, "--reporter", "r.toml"})).starts_with("--tag: needs")) << wrong;
}

}  // namespace
}  // namespace footbridge
