#include "wire/socks5_client.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

using State = Socks5Client::State;

Bytes hex(std::string_view text) { return parse_hex(text).value(); }
Private<Destination> to(std::string name, std::uint16_t port) { return Private(Destination{std::move(name), port}); }
Private<ProxyCredentials> user(std::string name, std::string password) {
  return Private(ProxyCredentials{std::move(name), std::move(password)});
}

// What the proxy says, and what it hears then; an error's name ends it.
std::string after(Socks5Client& client, std::string_view said) {
  const auto input = hex(said);
  const auto taken = client.on_bytes(input);
  if (!taken) return std::string(name(taken.error()));
  EXPECT_EQ(*taken, input.size());
  return encode_hex(client.take_output());
}

TEST(Socks5Client, AsksForANameAsAName) {
  Socks5Client client(to("example.org", 443), std::nullopt);
  EXPECT_EQ(encode_hex(client.take_output()), "050100");
  EXPECT_EQ(after(client, "0500"), "050100030b6578616d706c652e6f726701bb");
  EXPECT_EQ(after(client, "050000010102030404d2"), "");
  EXPECT_EQ(client.state(), State::Done);
  EXPECT_EQ(client.bound_port(), 1234);
}

TEST(Socks5Client, AsksForAnAddressOfEitherFamily) {
  Socks5Client four(Private(Destination{IpAddress::v4(0xc0000201), 80}), std::nullopt);
  static_cast<void>(four.take_output());
  EXPECT_EQ(after(four, "0500"), "05010001c00002010050");
  Socks5Client six(Private(Destination{*IpAddress::parse("2001:db8::1"), 80}), std::nullopt);
  static_cast<void>(six.take_output());
  EXPECT_EQ(after(six, "0500"), "0501000420010db80000000000000000000000010050");
}

TEST(Socks5Client, ShowsItsCredentialsOnlyWhenAsked) {
  Socks5Client client(user("u", "ser:p@ss"));
  EXPECT_EQ(encode_hex(client.take_output()), "05020002");
  EXPECT_EQ(after(client, "0502"), "010175087365723a70407373");
  EXPECT_EQ(after(client, "0100"), "05030001000000000000");
  EXPECT_EQ(after(client, "05000003016101bb"), "") << "a bound name is read over";
  EXPECT_EQ(client.state(), State::Done);
  EXPECT_EQ(client.bound_port(), 443);

  Socks5Client open(user("u", "p"));
  static_cast<void>(open.take_output());
  EXPECT_EQ(after(open, "0500"), "05030001000000000000");
}

TEST(Socks5Client, SaysWhoRefusedWhat) {
  Socks5Client no_one(std::nullopt);
  EXPECT_EQ(after(no_one, "05ff"), "wants-credentials");
  Socks5Client someone(user("u", "p"));
  EXPECT_EQ(after(someone, "05ff"), "wrong-credentials");
  Socks5Client wrong(user("u", "p"));
  EXPECT_EQ(after(wrong, "05020101"), "wrong-credentials");
  const std::pair<std::string_view, std::string_view> codes[] = {
      {"01", "failed"},  {"02", "not-allowed"}, {"03", "network-unreachable"},   {"04", "host-unreachable"},
      {"05", "refused"}, {"06", "timed-out"},   {"07", "command-not-supported"}, {"08", "address-type-not-supported"},
      {"5b", "failed"}};
  for (const auto& [code, expected] : codes) {
    Socks5Client client(std::nullopt);
    EXPECT_EQ(after(client, "050005" + std::string(code)), expected) << "also when the refusal is cut short";
    EXPECT_EQ(client.state(), State::Failed);
  }
}

TEST(Socks5Client, TakesNothingThatIsNotSocks5) {
  for (const auto* said :
       {"4854", "0400", "0501", "0502", "05000400", "0500050000050102030404d2", "0500050000020102030404d2",
        "05000500000100000000"
        "0000"}) {
    Socks5Client client(std::nullopt);
    EXPECT_EQ(after(client, said).substr(0, 10), "not-socks5") << said;
  }
  Socks5Client client(user("u", "p"));
  EXPECT_EQ(after(client, "05020200"), "not-socks5") << "RFC 1929 has version 1";
}

TEST(Socks5Client, LeavesWhatFollowsTheReplyHoweverTheBytesArrive) {
  const auto input = hex("050005000001010203041234aabb");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    Socks5Client client(to("a", 1), std::nullopt);
    std::size_t consumed = 0;
    while (consumed < input.size()) {
      const auto taken = client.on_bytes(ByteView(input).subspan(consumed, std::min(step, input.size() - consumed)));
      ASSERT_TRUE(taken.ok());
      if (*taken == 0) break;
      consumed += *taken;
    }
    EXPECT_EQ(consumed, input.size() - 2);
    EXPECT_EQ(client.bound_port(), 0x1234);
  }
}

}  // namespace
}  // namespace footbridge::wire
