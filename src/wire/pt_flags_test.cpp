#include "wire/pt_flags.hpp"

#include <gtest/gtest.h>

#include "wire/pt_lines.hpp"

namespace footbridge::wire {
namespace {

using Arguments = std::vector<std::string>;

PtClientRequest client(const Arguments& arguments) {
  return parse_pt_client(parse_pt_flags(PtRole::Client, arguments).value().input).value();
}
PtServerRequest server(const Arguments& arguments) {
  return parse_pt_server(parse_pt_flags(PtRole::Server, arguments).value().input).value();
}
// The line said instead; empty: the flags are good.
template <class Parse>
std::string refusal(PtRole role, const Arguments& arguments, Parse parse) {
  const auto flags = parse_pt_flags(role, arguments);
  if (!flags) return pt_refusal_line(flags.error());
  const auto request = parse(flags->input);
  return request ? "" : pt_refusal_line(request.error());
}
std::string client_refusal(const Arguments& arguments) { return refusal(PtRole::Client, arguments, parse_pt_client); }
std::string server_refusal(const Arguments& arguments) { return refusal(PtRole::Server, arguments, parse_pt_server); }

TEST(PtFlags, AreRecognisedAmongOurs) {
  EXPECT_TRUE(has_pt_flags(Arguments{"--broker", "x", "-ptversion", "3.0"}));
  EXPECT_TRUE(has_pt_flags(Arguments{"--transport=footbridge"}));
  EXPECT_FALSE(has_pt_flags(Arguments{"--broker", "http://127.0.0.1:1/", "--state-dir", "x"}));
  EXPECT_FALSE(has_pt_flags(Arguments{"-state", "x"})) << "without a version or a transport nobody asks for one";
}

TEST(PtFlags, LeaveOurOwnOptionsInOrder) {
  const auto flags = parse_pt_flags(
      PtRole::Client, Arguments{"--broker", "b", "-transports", "a,footbridge", "--paths=2", "-state=/s", "-x"});
  EXPECT_EQ(flags->others, (Arguments{"--broker", "b", "--paths=2", "-x"}));
}

TEST(PtFlags, SayWhatTheVariablesSay) {
  const auto request = client({"-client", "-ptversion", "2.1,3.0", "--transport", "footbridge", "-state", "/s",
                               "-exit-on-stdin-close", "-proxy", "socks5://127.0.0.1:1", "-proxylistenaddr",
                               "127.0.0.1:0", "-ipcLogLevel", "INFO", "-options", R"({"paths": "2"})"});
  EXPECT_EQ(request.version, PtVersion::V3);
  EXPECT_TRUE(request.wanted);
  EXPECT_TRUE(request.exit_on_stdin_close);
  EXPECT_EQ(request.state_dir, "/s");
  EXPECT_EQ(request.proxy->reveal_to_socket(), "socks5://127.0.0.1:1");
  EXPECT_EQ(request.listen, Endpoint::parse("127.0.0.1:0"));
  EXPECT_EQ(request.log, PtSeverity::Info);
  EXPECT_EQ(request.options.at("paths").reveal_to_socket(), "2");
}

TEST(PtFlags, OfServersSayWhereFromAndWhereTo) {
  const auto request = server({"-server", "-transport=footbridge", "-bindhost", "::1", "-bindport", "443", "-target",
                               "127.0.0.1:5301", "-extorport", "127.0.0.1:4200", "-authcookie", "/c"});
  EXPECT_EQ(request.bind, Endpoint::parse("[::1]:443"));
  EXPECT_EQ(request.or_port->reveal_to_socket(), *Endpoint::parse("127.0.0.1:5301"));
  EXPECT_EQ(request.auth_cookie_file, "/c");
  EXPECT_FALSE(request.log) << "nobody asked for LOG lines";
  EXPECT_EQ(request.state_dir, ".");
}

TEST(PtFlags, OptionsMayBeWrappedIntoTheNameOfTheTransport) {
  const auto options = [](const char* json) { return client({"-transport", "footbridge", "-options", json}).options; };
  EXPECT_EQ(options(R"( { "footbridge" : { "paths": "2" } } )").at("paths").reveal_to_socket(), "2");
  EXPECT_EQ(options(R"({"footbridge":"2"})").at("footbridge").reveal_to_socket(), "2") << "no object: an option";
  for (const auto* wrong : {R"({"footbridge":{"paths":"2"})", R"({"other":{"paths":"2"}})",
                            R"({"footbridge":{"paths":"2"},"other":{}})", R"({"footbridge":{}}})"})
    EXPECT_TRUE(client_refusal({"-transport", "footbridge", "-options", wrong}).starts_with("ENV-ERROR -options: "))
        << wrong;
}

TEST(PtFlags, ASwitchMayHaveAValue) {
  EXPECT_FALSE(client({"-transport", "footbridge", "-exit-on-stdin-close", "0"}).exit_on_stdin_close);
  EXPECT_FALSE(client({"-transport", "footbridge", "-exit-on-stdin-close=false"}).exit_on_stdin_close);
  EXPECT_TRUE(client({"-transport", "footbridge", "-exit-on-stdin-close", "true"}).exit_on_stdin_close);
  EXPECT_EQ(client_refusal({"-transport", "footbridge", "-exit-on-stdin-close=maybe"}),
            "ENV-ERROR -exit-on-stdin-close is a switch, 1 or 0\n");
}

TEST(PtFlags, AreRefusedByName) {
  const Arguments ours = {"-transport", "footbridge"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), ours.begin(), ours.end());
    return more;
  };
  EXPECT_EQ(client_refusal(with({"-ptversion", "1,2.1"})), "VERSION-ERROR no-version\n");
  EXPECT_EQ(client_refusal({"-ptversion", "3.0"}), "ENV-ERROR -transports is not set\n");
  EXPECT_EQ(client_refusal(with({"-transports", "a"})), "ENV-ERROR -transport and -transports exclude each other\n");
  EXPECT_EQ(client_refusal(with({"-mode", "transparent-UDP"})), "ENV-ERROR -mode can only be socks5\n");
  EXPECT_EQ(client_refusal(with({"-server"})), "ENV-ERROR -server is what footbridge egress does\n");
  EXPECT_EQ(client_refusal(with({"-state"})), "ENV-ERROR -state needs a value\n");
  EXPECT_EQ(client_refusal(with({"-state", "a", "--state=b"})), "ENV-ERROR -state is given twice\n");
  EXPECT_EQ(client_refusal(with({"-ipcLogLevel", "LOUD"})),
            "ENV-ERROR -ipcLogLevel is not NONE, ERROR, WARN, INFO or DEBUG\n");
  EXPECT_EQ(client_refusal(with({"-options", "{", "-optionsFile", "f"})),
            "ENV-ERROR -options and -optionsFile exclude each other\n");
  EXPECT_TRUE(client_refusal(with({"-options", "[]"})).starts_with("ENV-ERROR -options: "));
  EXPECT_EQ(client_refusal(with({"-proxylistenhost", "127.0.0.1"})),
            "ENV-ERROR -proxylistenhost needs -proxylistenport\n");
  EXPECT_EQ(server_refusal(with({"-target", "bridge.example:9001"})), "ENV-ERROR -target is not ADDRESS:PORT\n");
  EXPECT_EQ(server_refusal(ours), "ENV-ERROR -target is not set\n");
  EXPECT_EQ(server_refusal(with({"-target", "127.0.0.1:1", "-targethost", "127.0.0.1", "-targetport", "2"})),
            "ENV-ERROR -target is given a second time, with -targethost\n");
}

}  // namespace
}  // namespace footbridge::wire
