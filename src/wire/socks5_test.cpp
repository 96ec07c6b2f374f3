#include "wire/socks5.hpp"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

using State = SocksServer::State;

nlohmann::json vectors() {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/socks.json");
  return nlohmann::json::parse(file).at("vectors");
}
Bytes hex(const nlohmann::json& value) { return parse_hex(value.get<std::string>()).value(); }

std::string host_of(const SocksRequest& request) {
  if (const auto* literal = std::get_if<Private<IpAddress>>(&request.host))
    return literal->reveal_to_socket().to_text();
  return std::get<Private<std::string>>(request.host).reveal_to_socket();
}

struct Fed {
  std::size_t consumed = 0;
  bool error = false;
};

Fed feed(SocksServer& server, ByteView input, std::size_t step) {
  Fed fed;
  while (fed.consumed < input.size()) {
    const auto given = std::min(step, input.size() - fed.consumed);
    const auto taken = server.on_bytes(input.subspan(fed.consumed, given));
    if (!taken) return fed.error = true, fed;
    fed.consumed += *taken;
    if (*taken < given) break;
  }
  return fed;
}

TEST(Socks, AnswersAsTheVectorsSayHoweverTheBytesArrive) {
  for (const auto& vector : vectors())
    for (const auto step : std::to_array<std::size_t>({1, 2, 5, 4096})) {
      SCOPED_TRACE(vector.at("name").get<std::string>() + " in steps of " + std::to_string(step));
      const auto input = hex(vector.at("bytes"));
      SocksServer server;
      const auto fed = feed(server, input, step);
      EXPECT_EQ(fed.error, vector.contains("error"));
      EXPECT_EQ(encode_hex(server.take_output()), vector.at("output").get<std::string>());
      EXPECT_EQ(server.request().has_value(), !fed.error);
      if (fed.error) {
        EXPECT_EQ(server.state(), State::Failed);
        continue;
      }
      EXPECT_EQ(host_of(*server.request()), vector.at("host").get<std::string>());
      EXPECT_EQ(server.request()->port, vector.at("port").get<unsigned>());
      EXPECT_EQ(to_bytes(ByteView(input).subspan(fed.consumed)), hex(vector.at("early")));
      const bool udp = vector.value("command", "connect") == "udp-associate";
      EXPECT_EQ(server.request()->command == SocksCommand::UdpAssociate, udp);
      const auto bound =
          vector.contains("bound") ? Endpoint::parse(vector.at("bound").get<std::string>()) : std::nullopt;
      server.reply(SocksReply{vector.at("reply").get<std::uint8_t>()}, bound);
      EXPECT_EQ(encode_hex(server.take_output()), vector.at("final").get<std::string>());
      EXPECT_EQ(server.state(), State::Done);
      EXPECT_TRUE(server.take_output().empty());
    }
}

TEST(Socks, AnErrorIsFinalAndTakesNothingMore) {
  SocksServer server;
  EXPECT_FALSE(server.on_bytes(as_bytes("GET / HTTP/1.1\r\n")).ok());
  EXPECT_FALSE(server.on_bytes(as_bytes("\x05\x01")).ok());
  EXPECT_TRUE(server.take_output().empty()) << "a stranger learns nothing";
}

TEST(Socks, WaitsSilentlyForTheRest) {
  SocksServer server;
  const std::byte greeting[] = {std::byte{5}, std::byte{2}, std::byte{0}};
  EXPECT_EQ(server.on_bytes(greeting).value(), 3U);
  EXPECT_TRUE(server.take_output().empty());
  EXPECT_EQ(server.state(), State::Greeting);
}

TEST(Sniff, TellsTheProtocolsOfOnePortApart) {
  EXPECT_EQ(sniff_local_protocol(std::byte{5}), LocalProtocol::Socks5);
  EXPECT_EQ(sniff_local_protocol(std::byte{4}), LocalProtocol::Socks4);
  for (const char first : {'G', 'P', 'C', 'H', 'O', 'D', 'T'})
    EXPECT_EQ(sniff_local_protocol(std::byte(first)), LocalProtocol::Http);
  for (const auto first : {0x00, 0x01, 0x06, 0x16, 0x80, 0xff, 0x67})
    EXPECT_EQ(sniff_local_protocol(std::byte(first)), LocalProtocol::Unknown);
}

}  // namespace
}  // namespace footbridge::wire
