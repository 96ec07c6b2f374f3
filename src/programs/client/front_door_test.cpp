// The local port as applications meet it: real curl and raw sockets, over a real session to a nearby egress.
#include "programs/client/front_door.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "programs/client/nearby_world.hpp"

namespace footbridge::client {
namespace {

using namespace std::string_literals;

TEST(FrontDoor, SpeaksEveryProtocolOnOnePort) {
  NearbyWorld world;
  for (const auto* how : {"-x http://$P", "-p -x http://$P", "--socks5-hostname $P", "--socks5 $P", "--socks4a $P",
                          "--socks4 $P", "--socks5-hostname user:password@$P"}) {
    const auto got = world.run("curl -sS "s + how + " http://127.0.0.1:$S/small");
    EXPECT_EQ(got.status, 0) << how;
    EXPECT_EQ(got.output, "hello") << how;
  }
}

TEST(FrontDoor, SendsNamesToTheEgressAndResolvesNothing) {
  NearbyWorld world;
  for (const auto* how : {"-x http://$P", "-p -x http://$P", "--socks5-hostname $P", "--socks4a $P"})
    EXPECT_EQ(world.run("curl -sS "s + how + " http://site.test:$S/small").output, "hello") << how;
  EXPECT_EQ(world.network.names_asked, std::vector<std::string>(4, "site.test"));
}

TEST(FrontDoor, FetchesAHundredPagesOneAfterTheOther) {
  NearbyWorld world;
  const auto got = world.run(
      "for i in $(seq 100); do curl -sS -o /dev/null -w \"%{http_code}\\n\" -x http://$P "
      "http://127.0.0.1:$S/small; done | sort | uniq -c | tr -s \" \"");
  EXPECT_EQ(got.output, " 100 200\n");
}

TEST(FrontDoor, FetchesTwentyPagesOverOneConnection) {
  NearbyWorld world;
  const auto got = world.run(
      "curl -sS -x http://$P -w \" %{http_code}%{num_connects}\" $(for i in $(seq 20); do "
      "echo http://127.0.0.1:$S/small; done)");
  std::string all = "hello 2001";
  for (int i = 0; i < 19; ++i) all += "hello 2000";
  EXPECT_EQ(got.output, all);
  EXPECT_EQ(world.site.requests, 20U);
}

TEST(FrontDoor, CarriesBodiesOfAnyKindBothWays) {
  NearbyWorld world;
  const std::string post = "head -c 10485760 /dev/zero | curl -sS -x http://$P -H \"Expect:$EXPECT\" ";
  EXPECT_EQ(world.run(post + "--data-binary @- http://127.0.0.1:$S/count").output, "10485760");
  EXPECT_EQ(world.run(post + "-T - -X POST http://127.0.0.1:$S/count").output, "10485760") << "in chunks";
  EXPECT_EQ(world.run("EXPECT=\" 100-continue\"; " + post + "--data-binary @- http://127.0.0.1:$S/count").output,
            "10485760");
  EXPECT_EQ(world.run("curl -sS -x http://$P http://127.0.0.1:$S/big | wc -c").output,
            std::to_string(NearbySite::kBigBytes) + "\n");
  EXPECT_EQ(world.run("curl -sS -x http://$P http://127.0.0.1:$S/chunked http://127.0.0.1:$S/chunked").output,
            "hellohello");
  EXPECT_EQ(world.run("curl -sS -0 -x http://$P http://127.0.0.1:$S/small").output, "hello");
  EXPECT_EQ(world.run("curl -sS -x http://$P http://127.0.0.1:$S/eof").output, "to the end");
  EXPECT_EQ(world.run("curl -sS -I -o /dev/null -w \"%{http_code}\" -x http://$P http://127.0.0.1:$S/big").output,
            "200");
}

TEST(FrontDoor, PassesAnAnswerThatComesBeforeTheEndOfTheUpload) {
  NearbyWorld world;
  const auto got = world.run(
      "head -c 50000000 /dev/zero | curl -sS -H Expect: -w \" %{http_code}\" -x http://$P "
      "--data-binary @- http://127.0.0.1:$S/early");
  EXPECT_NE(got.output.find("late 413"), std::string::npos) << got.output;
}

asio::awaitable<void> ask_for_a_part(NearbyWorld& world, std::string& got, io::error_code& end) {
  io::tcp::socket socket(world.context);
  co_await socket.async_connect(io::to_tcp(world.door.local()), asio::use_awaitable);
  const auto request = "GET http://127.0.0.1:" + std::to_string(world.site.port()) + "/part HTTP/1.1\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::array<char, 4096> some{};
  while (!end) {
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(some), io::no_throw);
    got.append(some.data(), count);
    end = error;
  }
}

TEST(FrontDoor, NeverPassesAPartForTheWhole) {
  NearbyWorld world;
  std::string got;
  io::error_code end;
  world.scope.spawn(ask_for_a_part(world, got, end));
  ASSERT_TRUE(world.run_until([&] { return got.ends_with("part"); }));
  EXPECT_FALSE(end);
  world.site.release.notify();
  EXPECT_TRUE(world.run_until([&] { return !!end; }));
  EXPECT_EQ(end, asio::error::connection_reset) << "an end would look like the end of the page";
  EXPECT_NE(world.run("curl -sS -x http://$P http://127.0.0.1:$S/cut").status, 0);
}

TEST(FrontDoor, FailsAsAnOrdinaryProxyDoes) {
  NearbyWorld world;
  EXPECT_EQ(world.run("curl -sS --socks5-hostname $P http://127.0.0.1:1/").status, 97);
  EXPECT_EQ(world.run("curl -sS --socks4a $P http://127.0.0.1:1/").status, 97);
  EXPECT_EQ(world.run("curl -sS -p -x http://$P http://127.0.0.1:1/").status, 56);
  EXPECT_EQ(world.run("curl -sSf -x http://$P http://127.0.0.1:1/").status, 22);
  const auto ask = [&](const char* url) { return world.run("curl -sS -w %{http_code} -x http://$P "s + url).output; };
  EXPECT_EQ(ask("http://127.0.0.1:1/"), "footbridge: The destination refused the connection.\n502");
  EXPECT_EQ(ask("http://nowhere.test/"), "footbridge: The destination's name was not found.\n502");
  EXPECT_EQ(ask("http://192.0.2.1/"), "footbridge: The way out does not connect to this destination.\n403");
}

TEST(FrontDoor, EndsTheFetchWhenTheApplicationGoes) {
  NearbyWorld world;
  for (const auto* how : {"-x http://$P", "-p -x http://$P", "--socks5-hostname $P"})
    EXPECT_EQ(world.run("curl -sS -m 0.3 "s + how + " http://127.0.0.1:$S/hang").status, 28) << how;
  EXPECT_TRUE(world.run_until([&] { return world.site.hung_up == 3; }, Seconds{1}));
}

TEST(FrontDoor, CarriesAHalfClose) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == 1; }));
  const auto port = world.site.echo_port();
  const std::string port_bytes{static_cast<char>(port >> 8), static_cast<char>(port & 0xff)};
  const auto socks = world.raw("\x05\x01\0\x05\x01\0\x01\x7f\0\0\x01"s + port_bytes + "said before", true);
  EXPECT_EQ(socks.substr(socks.size() - 11), "said before");
  const auto connect = world.raw("CONNECT 127.0.0.1:" + std::to_string(port) + " HTTP/1.1\r\n\r\nsaid before", true);
  EXPECT_EQ(connect, "HTTP/1.1 200 Connection established\r\n\r\nsaid before");
}

TEST(FrontDoor, SaysNothingToAPageOrToNoise) {
  NearbyWorld world;
  const auto host = "Host: " + world.door.local().to_text() + "\r\n";
  for (const auto& bytes : std::vector<std::string>{
           "GET / HTTP/1.1\r\n" + host + "\r\n",
           "GET / HTTP/1.1\r\nHost: rebound.test\r\n\r\n",
           "OPTIONS / HTTP/1.1\r\n" + host +
               "Origin: http://page.test\r\nAccess-Control-Request-Private-Network: true\r\n\r\n",
           "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc",
           "GET http://" + world.door.local().to_text() + "/ HTTP/1.1\r\n" + host + "\r\n",
           "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s,
           "NONSENSE\r\n\r\n"s,
           "GET / HTTP/9.9\r\n\r\n"s,
           std::string(200'000, 'A'),
       })
    EXPECT_EQ(world.raw(bytes, true), "") << bytes.substr(0, 40);
  EXPECT_EQ(world.site.requests, 0U);
}

TEST(FrontDoor, ServesThePacFileUnderItsSecretPath) {
  NearbyWorld world;
  const auto got = world.run("curl -sS -i " + world.door.pac_url());
  EXPECT_NE(got.output.find("FindProxyForURL"), std::string::npos);
  EXPECT_EQ(got.output.find("Access-Control"), std::string::npos);
  EXPECT_EQ(world.run("curl -sS -H \"Sec-Fetch-Site: cross-site\" " + world.door.pac_url()).status, 56)
      << "closed without a byte";
}

TEST(FrontDoor, WaitsForTheFirstPathAndThenSaysWhyThereIsNone) {
  NearbyWorld world(Seconds{1}, false);
  world.network.no_match = Trouble::NoVolunteer;
  world.keeper.start(io::now(), world.network, world.network.make_link());
  const auto got = world.run("curl -sS -w %{http_code} -x http://$P http://127.0.0.1:$S/small");
  EXPECT_EQ(got.output, "footbridge: No way out was found in time. Reason: "s +
                            std::string(advice(Trouble::NoVolunteer)) + "\n504");
  EXPECT_EQ(world.run("curl -sS --socks5-hostname $P http://127.0.0.1:$S/small").status, 97);
}

TEST(FrontDoor, EndsWithinASecondWhileRequestsWait) {
  NearbyWorld world(Seconds{60}, false);
  bool said = false;
  world.scope.spawn([](NearbyWorld& it, bool& done) -> asio::awaitable<void> {
    const auto opened = co_await it.tunnel.open({"site.test", 80}, io::now() + Seconds{60});
    done = !opened.ok() && opened.error() == OpenFailure::Stopping;
  }(world, said));
  world.run_until([] { return false; }, Millis{50});
  world.tunnel.stop();
  EXPECT_TRUE(world.run_until([&] { return said; }, Millis{100}));
}

}  // namespace
}  // namespace footbridge::client
