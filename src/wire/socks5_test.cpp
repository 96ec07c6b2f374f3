#include "wire/socks5.hpp"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/byte_writer.hpp"
#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

using State = SocksServer::State;

nlohmann::json vectors(const std::string& name) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/" + name + ".json");
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

PtArguments arguments_of(const nlohmann::json& vector) {
  PtArguments out;
  if (!vector.contains("arguments")) return out;
  for (const auto& [key, value] : vector.at("arguments").items()) out.emplace(key, Private(value.get<std::string>()));
  return out;
}

void check_request(const SocksRequest& request, const nlohmann::json& vector) {
  EXPECT_EQ(host_of(request), vector.at("host").get<std::string>());
  EXPECT_EQ(request.port, vector.at("port").get<unsigned>());
  EXPECT_EQ(request.arguments, arguments_of(vector));
  const bool udp = vector.value("command", "connect") == "udp-associate";
  EXPECT_EQ(request.command == SocksCommand::UdpAssociate, udp);
}

void check(SocksServer server, const nlohmann::json& vector, std::size_t step) {
  const auto input = hex(vector.at("bytes"));
  const auto fed = feed(server, input, step);
  EXPECT_EQ(fed.error, vector.contains("error"));
  EXPECT_EQ(encode_hex(server.take_output()), vector.at("output").get<std::string>());
  EXPECT_EQ(server.request().has_value(), !fed.error);
  const auto why = server.arguments_error();
  EXPECT_EQ(why ? name(*why) : "", vector.value("arguments_error", ""));
  if (fed.error) {
    EXPECT_EQ(server.state(), State::Failed);
    return;
  }
  check_request(*server.request(), vector);
  EXPECT_EQ(to_bytes(ByteView(input).subspan(fed.consumed)), hex(vector.at("early")));
  const auto bound = vector.contains("bound") ? Endpoint::parse(vector.at("bound").get<std::string>()) : std::nullopt;
  server.reply(SocksReply{vector.at("reply").get<std::uint8_t>()}, bound);
  EXPECT_EQ(encode_hex(server.take_output()), vector.at("final").get<std::string>());
  EXPECT_EQ(server.state(), State::Done);
  EXPECT_TRUE(server.take_output().empty());
}

void check_all(const std::string& file, SocksUse use) {
  for (const auto& vector : vectors(file))
    for (const auto step : std::to_array<std::size_t>({1, 2, 5, 4096})) {
      SCOPED_TRACE(vector.at("name").get<std::string>() + " in steps of " + std::to_string(step));
      check(SocksServer(use), vector, step);
    }
}

TEST(Socks, AnswersAsTheVectorsSayHoweverTheBytesArrive) { check_all("socks", SocksUse::Applications); }

TEST(Socks, OfATransportTakesArgumentsAsTheVectorsSay) { check_all("socks_arguments", SocksUse::Transport); }

Bytes with_credentials(std::string_view user, std::string_view password) {
  Bytes out = to_bytes(std::string_view("\x05\x02\x00\x02", 4));
  ByteWriter(out).u8(1).u8(static_cast<std::uint8_t>(user.size())).bytes(as_bytes(user));
  ByteWriter(out).u8(static_cast<std::uint8_t>(password.size())).bytes(as_bytes(password));
  ByteWriter(out).u8(5).u8(1).u8(0).u8(1).u32(0xc0000203).u16(80);
  return out;
}

TEST(Socks, OfATransportHearsArgumentsOfEveryLengthAsTorSplitsThem) {
  for (std::size_t bytes = 2; bytes <= kMaxPtArgumentBytes; ++bytes) {
    const auto text = "k=" + std::string(bytes - 2, 'v');
    const auto rest = bytes > 255 ? text.substr(255) : std::string(1, '\0');
    SocksServer server(SocksUse::Transport);
    ASSERT_TRUE(server.on_bytes(with_credentials(std::string_view(text).substr(0, 255), rest)).ok()) << bytes;
    ASSERT_EQ(encode_pt_arguments(server.request()->arguments).reveal_to_socket(), text);
  }
}

TEST(Socks, OfATransportRefusesArgumentsWhenNothingUnreadIsLeftToLoseTheReply) {
  const auto whole = with_credentials("no equals sign", "");
  SocksServer server(SocksUse::Transport);
  const auto cut = whole.size() - 1;
  ASSERT_EQ(server.on_bytes(ByteView(whole).first(cut)).value(), cut);
  EXPECT_EQ(encode_hex(server.take_output()), "05020100");
  EXPECT_EQ(server.on_bytes(ByteView(whole).subspan(cut)).error(), SocksErrc::BadArguments);
  EXPECT_EQ(encode_hex(server.take_output()), "05010001000000000000");
}

TEST(Socks, ForApplicationsNeitherTakesArgumentsNorJudgesThem) {
  SocksServer server;
  ASSERT_TRUE(server.on_bytes(to_bytes(std::string_view("\x05\x01\x02\x01\x01\x3d\x01\x3d", 8))).ok());
  ASSERT_TRUE(server.on_bytes(to_bytes(std::string_view("\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", 10))).ok());
  EXPECT_TRUE(server.request()->arguments.empty());
  SocksServer asked_for_json;
  EXPECT_FALSE(asked_for_json.on_bytes(as_bytes("\x05\x01\x09")).ok());
}

TEST(Socks, TellsOnlyWhoIsSlowWithAParameterBlockThatItIsTooSlow) {
  const auto late = [](std::string_view sent) {
    SocksServer server(SocksUse::Transport);
    EXPECT_TRUE(server.on_bytes(as_bytes(sent)).ok());
    static_cast<void>(server.take_output());
    server.on_deadline();
    EXPECT_EQ(server.state(), State::Failed);
    EXPECT_FALSE(server.on_bytes(as_bytes(sent)).ok());
    return encode_hex(server.take_output());
  };
  EXPECT_EQ(late(std::string_view("\x05\x01\x09\x00\x00\x00\x02{", 8)), "05110001000000000000");
  EXPECT_EQ(late(std::string_view("\x05\x01\x09\x00\x00", 5)), "05110001000000000000");
  EXPECT_EQ(late("\x05"), "") << "a stranger learns nothing";
  EXPECT_EQ(late(std::string_view("\x05\x02\x00\x02\x01\x03k=", 8)), "");
  EXPECT_EQ(late(std::string_view("\x04\x01\x00\x50", 4)), "");
}

TEST(Socks, ADeadlineChangesNothingForWhoHasAskedOrHasFailed) {
  SocksServer server(SocksUse::Transport);
  ASSERT_TRUE(server.on_bytes(with_credentials("k=v", "")).ok());
  server.on_deadline();
  EXPECT_EQ(server.state(), State::AwaitingReply);
  SocksServer failed(SocksUse::Transport);
  EXPECT_EQ(failed.on_bytes(as_bytes("\x06\x01")).error(), SocksErrc::BadVersion);
  failed.on_deadline();
  EXPECT_EQ(failed.on_bytes({}).error(), SocksErrc::BadVersion);
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
