#include "wire/pt_request.hpp"

#include <gtest/gtest.h>

#include "wire/pt_environment.hpp"
#include "wire/pt_lines.hpp"

namespace footbridge::wire {
namespace {

// What tor 0.4.9 sets for a client, and for a bridge.
PtEnvironment client_environment() {
  return {{"TOR_PT_MANAGED_TRANSPORT_VER", "1"},
          {"TOR_PT_STATE_LOCATION", "/var/lib/tor/pt_state/"},
          {"TOR_PT_EXIT_ON_STDIN_CLOSE", "1"},
          {"TOR_PT_CLIENT_TRANSPORTS", "obfs4,footbridge"}};
}
PtEnvironment server_environment() {
  return {{"TOR_PT_MANAGED_TRANSPORT_VER", "1"},
          {"TOR_PT_STATE_LOCATION", "/var/lib/tor/pt_state/"},
          {"TOR_PT_EXIT_ON_STDIN_CLOSE", "1"},
          {"TOR_PT_SERVER_TRANSPORTS", "footbridge"},
          {"TOR_PT_SERVER_BINDADDR", "footbridge-127.0.0.1:7051"},
          {"TOR_PT_ORPORT", "127.0.0.1:5301"},
          {"TOR_PT_EXTENDED_SERVER_PORT", ""}};
}

PtClientRequest client(const PtEnvironment& environment) {
  return parse_pt_client(read_pt_environment(environment)).value();
}
PtServerRequest server(const PtEnvironment& environment) {
  return parse_pt_server(read_pt_environment(environment)).value();
}
// The one line that is said instead; empty: the environment is good.
std::string client_refusal(const PtEnvironment& environment) {
  const auto request = parse_pt_client(read_pt_environment(environment));
  return request ? "" : pt_refusal_line(request.error());
}
std::string server_refusal(const PtEnvironment& environment) {
  const auto request = parse_pt_server(read_pt_environment(environment));
  return request ? "" : pt_refusal_line(request.error());
}
template <class Refusal>
std::string refusal_with(PtEnvironment environment, const char* name, const char* value, Refusal refusal) {
  if (value == nullptr)
    environment.erase(name);
  else
    environment[name] = value;
  return refusal(environment);
}
std::string client_with(const char* name, const char* value) {
  return refusal_with(client_environment(), name, value, client_refusal);
}
std::string server_with(const char* name, const char* value) {
  return refusal_with(server_environment(), name, value, server_refusal);
}

TEST(PtEnvironment, OfTorsClientIsRead) {
  const auto request = client(client_environment());
  EXPECT_EQ(request.state_dir, "/var/lib/tor/pt_state/");
  EXPECT_TRUE(request.exit_on_stdin_close);
  EXPECT_TRUE(request.wanted);
  EXPECT_FALSE(request.proxy);
  EXPECT_FALSE(request.outbound_v4);
}

TEST(PtEnvironment, OfAnybodyElseIsNotManaged) {
  EXPECT_TRUE(is_managed_environment(client_environment()));
  EXPECT_FALSE(is_managed_environment({{"HOME", "/root"}, {"TOR_PT_STATE_LOCATION", "/x"}}));
}

TEST(PtEnvironment, VersionOneIsFoundInAList) {
  for (const auto* list : {"1", "1,1a,2b", "2,1", "x,y,1"})
    EXPECT_EQ(client_with("TOR_PT_MANAGED_TRANSPORT_VER", list), "") << list;
}

TEST(PtEnvironment, WithoutVersionOneEverythingElseIsAnotherProtocols) {
  for (const auto* list : {"2", "1a", "11", "1.0", ",", "3.0"})
    EXPECT_EQ(client_with("TOR_PT_MANAGED_TRANSPORT_VER", list), "VERSION-ERROR no-version\n") << list;
  PtEnvironment only_version = {{"TOR_PT_MANAGED_TRANSPORT_VER", "2"}};
  EXPECT_EQ(server_refusal(only_version), "VERSION-ERROR no-version\n");
}

TEST(PtEnvironment, NamesTheVariableThatIsMissing) {
  EXPECT_EQ(client_with("TOR_PT_STATE_LOCATION", nullptr), "ENV-ERROR TOR_PT_STATE_LOCATION is not set\n");
  EXPECT_EQ(client_with("TOR_PT_STATE_LOCATION", ""), "ENV-ERROR TOR_PT_STATE_LOCATION is not set\n");
  EXPECT_EQ(client_with("TOR_PT_CLIENT_TRANSPORTS", nullptr), "ENV-ERROR TOR_PT_CLIENT_TRANSPORTS is not set\n");
  EXPECT_EQ(server_with("TOR_PT_SERVER_TRANSPORTS", nullptr), "ENV-ERROR TOR_PT_SERVER_TRANSPORTS is not set\n");
  EXPECT_EQ(server_with("TOR_PT_SERVER_BINDADDR", nullptr), "ENV-ERROR TOR_PT_SERVER_BINDADDR is not set\n");
  EXPECT_EQ(server_with("TOR_PT_ORPORT", nullptr), "ENV-ERROR TOR_PT_ORPORT is not set\n");
}

TEST(PtEnvironment, TransportsWeDoNotKnowAreIgnored) {
  for (const auto* list : {"obfs4", "footbridge2", "xfootbridge", "obfs4,meek_lite", "Footbridge"}) {
    auto environment = client_environment();
    environment["TOR_PT_CLIENT_TRANSPORTS"] = list;
    EXPECT_FALSE(client(environment).wanted) << list;
  }
}

TEST(PtEnvironment, OnlyOneEndsWithStdin) {
  for (const auto* value : {"0", "", "2", "yes", "1 "}) {
    auto environment = client_environment();
    environment["TOR_PT_EXIT_ON_STDIN_CLOSE"] = value;
    EXPECT_FALSE(client(environment).exit_on_stdin_close) << value;
  }
  auto environment = client_environment();
  environment.erase("TOR_PT_EXIT_ON_STDIN_CLOSE");
  EXPECT_FALSE(client(environment).exit_on_stdin_close);
}

TEST(PtEnvironment, TheProxyIsKeptAsItStands) {
  auto environment = client_environment();
  environment["TOR_PT_PROXY"] = "socks5://u:ser:p@ss@127.0.0.1:1080";
  EXPECT_EQ(client(environment).proxy->reveal_to_socket(), "socks5://u:ser:p@ss@127.0.0.1:1080");
  environment["TOR_PT_PROXY"] = "";
  EXPECT_FALSE(client(environment).proxy);
}

TEST(PtEnvironment, OutboundAddressesAreOfTheirFamily) {
  auto environment = client_environment();
  environment["TOR_PT_OUTBOUND_BIND_ADDRESS_V4"] = "127.0.0.9";
  environment["TOR_PT_OUTBOUND_BIND_ADDRESS_V6"] = "[::1]";
  const auto request = client(environment);
  EXPECT_EQ(request.outbound_v4->reveal_to_socket(), IpAddress::parse("127.0.0.9"));
  EXPECT_EQ(request.outbound_v6->reveal_to_socket(), IpAddress::parse("::1"));
  EXPECT_EQ(client_with("TOR_PT_OUTBOUND_BIND_ADDRESS_V4", "::1"),
            "ENV-ERROR TOR_PT_OUTBOUND_BIND_ADDRESS_V4 is not an IPv4 address\n");
  EXPECT_EQ(client_with("TOR_PT_OUTBOUND_BIND_ADDRESS_V6", "host.example"),
            "ENV-ERROR TOR_PT_OUTBOUND_BIND_ADDRESS_V6 is not an IPv6 address\n");
}

TEST(PtEnvironment, OfTorsBridgeIsRead) {
  const auto request = server(server_environment());
  EXPECT_TRUE(request.wanted);
  EXPECT_EQ(request.bind, Endpoint::parse("127.0.0.1:7051"));
  EXPECT_EQ(request.or_port->reveal_to_socket(), *Endpoint::parse("127.0.0.1:5301"));
  EXPECT_FALSE(request.extended_or_port) << "an empty port is none";
  EXPECT_TRUE(request.options.empty());
}

TEST(PtEnvironment, OurBindAddressIsFoundAmongOthers) {
  auto environment = server_environment();
  environment["TOR_PT_SERVER_BINDADDR"] = "obfs4-198.51.100.1:1984,footbridge-[::1]:0";
  EXPECT_EQ(server(environment).bind, Endpoint::parse("[::1]:0"));
  environment["TOR_PT_SERVER_BINDADDR"] = "obfs4-198.51.100.1:1984";
  EXPECT_FALSE(server(environment).bind);
}

TEST(PtEnvironment, OneWrongBindAddressSpoilsAll) {
  for (const auto* wrong :
       {"footbridge", "-127.0.0.1:1", "footbridge-127.0.0.1", "footbridge-host.example:1", "footbridge-127.0.0.1:65536",
        "footbridge-:1", "obfs4-nonsense,footbridge-127.0.0.1:1", ",footbridge-127.0.0.1:1", "footbridge-::1:1"})
    EXPECT_EQ(server_with("TOR_PT_SERVER_BINDADDR", wrong),
              "ENV-ERROR TOR_PT_SERVER_BINDADDR is not NAME-ADDRESS:PORT\n")
        << wrong;
  EXPECT_EQ(server_with("TOR_PT_SERVER_BINDADDR", "footbridge-127.0.0.1:1,footbridge-127.0.0.1:2"),
            "ENV-ERROR TOR_PT_SERVER_BINDADDR names our transport twice\n");
}

TEST(PtEnvironment, AnExtendedPortNeedsItsCookie) {
  auto environment = server_environment();
  environment["TOR_PT_EXTENDED_SERVER_PORT"] = "127.0.0.1:4200";
  EXPECT_EQ(server_refusal(environment), "ENV-ERROR TOR_PT_AUTH_COOKIE_FILE is not set\n");
  environment["TOR_PT_AUTH_COOKIE_FILE"] = "/var/lib/tor/extended_orport_auth_cookie";
  environment.erase("TOR_PT_ORPORT");
  const auto request = server(environment);
  EXPECT_EQ(request.extended_or_port->reveal_to_socket(), *Endpoint::parse("127.0.0.1:4200"));
  EXPECT_EQ(request.auth_cookie_file, "/var/lib/tor/extended_orport_auth_cookie");
  EXPECT_FALSE(request.or_port);
}

TEST(PtEnvironment, OrPortsAreAddressesWithPorts) {
  for (const auto* wrong : {"127.0.0.1", "127.0.0.1:0", "localhost:5301", "5301"})
    EXPECT_EQ(server_with("TOR_PT_ORPORT", wrong), "ENV-ERROR TOR_PT_ORPORT is not ADDRESS:PORT\n") << wrong;
}

TEST(PtEnvironment, OptionsOfOurTransportAreUnescaped) {
  auto environment = server_environment();
  environment["TOR_PT_SERVER_TRANSPORT_OPTIONS"] =
      R"(footbridge:relay-url=ws\://a.example\:80/leg;obfs4:iat-mode=0;footbridge:x=a\;b\\c=d;footbridge:empty=)";
  const auto options = server(environment).options;
  ASSERT_EQ(options.size(), 3U);
  EXPECT_EQ(options.at("relay-url").reveal_to_socket(), "ws://a.example:80/leg");
  EXPECT_EQ(options.at("x").reveal_to_socket(), R"(a;b\c=d)");
  EXPECT_EQ(options.at("empty").reveal_to_socket(), "");
}

TEST(PtEnvironment, MalformedOptionsAreRefused) {
  for (const auto* wrong : {"footbridge", "footbridge:", "footbridge:a", ":a=b", "footbridge:=b", "footbridge:a=b\\",
                            "footbridge:a;footbridge:b=c", ";", "a=b"})
    EXPECT_EQ(server_with("TOR_PT_SERVER_TRANSPORT_OPTIONS", wrong),
              "ENV-ERROR TOR_PT_SERVER_TRANSPORT_OPTIONS is not NAME:OPTION=VALUE;...\n")
        << wrong;
  EXPECT_EQ(server_with("TOR_PT_SERVER_TRANSPORT_OPTIONS", "footbridge:a=b;footbridge:a=c"),
            "ENV-ERROR TOR_PT_SERVER_TRANSPORT_OPTIONS cannot be ours: a key is given twice\n");
}

TEST(PtEnvironment, OptionsThatNoneOfOursCouldBeAreRefused) {
  const auto refused = [](const char* options) { return server_with("TOR_PT_SERVER_TRANSPORT_OPTIONS", options); };
  EXPECT_EQ(refused("footbridge:a.b=c"),
            "ENV-ERROR TOR_PT_SERVER_TRANSPORT_OPTIONS cannot be ours: a key is not a name\n");
  EXPECT_EQ(refused("footbridge:a=\xc3\xa9"),
            "ENV-ERROR TOR_PT_SERVER_TRANSPORT_OPTIONS cannot be ours: a value is not printable ASCII\n");
  EXPECT_EQ(refused("other:a.b=\xc3\xa9"), "") << "of other transports they are none of our business";
}

TEST(PtEnvironment, IsBounded) {
  std::string options;
  for (std::size_t i = 0; i <= kMaxPtArguments; ++i) options += "footbridge:a" + std::to_string(i) + "=b;";
  EXPECT_EQ(server_with("TOR_PT_SERVER_TRANSPORT_OPTIONS", options.c_str()),
            "ENV-ERROR TOR_PT_SERVER_TRANSPORT_OPTIONS cannot be ours: they are too many\n");
  const std::string too_long(kMaxPtValueBytes + 1, 'a');
  EXPECT_EQ(client_with("TOR_PT_STATE_LOCATION", too_long.c_str()), "ENV-ERROR TOR_PT_STATE_LOCATION is too long\n");
}

}  // namespace
}  // namespace footbridge::wire
