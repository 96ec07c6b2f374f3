#include "transport/webrtc/stand_ins.hpp"

#include <array>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <utility>

#include "io/raw_address.hpp"
#include "wire/stun.hpp"

namespace footbridge::webrtc {
namespace {

const wire::Destination kFarEnd{IpAddress::v4(0xc6336407), 4242};
const wire::StunTransaction kTransaction{std::byte{7}};

struct Sent final : io::Detour {
  void start(io::DetourEvents&) override {}
  int descriptor() const override { return -1; }
  void work() override {}
  void send_run(const wire::Destination& to, ByteView run, std::size_t) override {
    all.emplace_back(to, to_bytes(run));
  }
  void allow_fragments(bool) override {}
  std::optional<Private<wire::Destination>> stun_server() const override { return std::nullopt; }
  std::vector<std::pair<wire::Destination, Bytes>> all;
};

// Stands where libnice does.
struct World {
  World() : context(g_main_context_new()), stand_ins(std::make_unique<StandIns>(context, detour)) {
    ice = bound();
    stand_ins->set_credentials(ours);
  }
  void serve() { EXPECT_TRUE(stand_ins->serve(*io::bound_to(ice.get()))); }
  ~World() {
    stand_ins.reset();
    g_main_context_unref(context);
  }
  static io::Descriptor bound() {
    io::Descriptor out(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto any = io::to_raw({IpAddress::v4(0x7f000001), 0});
    EXPECT_EQ(bind(out.get(), io::generic(any), io::length_of(any)), 0);
    return out;
  }
  void send(const io::Descriptor& from, const Endpoint& to, const Bytes& datagram) {
    const auto raw = io::to_raw(to);
    ::sendto(from.get(), datagram.data(), datagram.size(), 0, io::generic(raw), io::length_of(raw));
    while (g_main_context_iteration(context, FALSE) != FALSE) {
    }
  }
  // What reached ICE, and from where; nothing: it is over at once, loopback keeps no one waiting.
  std::optional<std::pair<Endpoint, Bytes>> received() {
    Bytes memory(2048);
    sockaddr_storage from{};
    socklen_t bytes = sizeof from;
    const auto got =
        ::recvfrom(ice.get(), memory.data(), memory.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &bytes);
    if (got < 0) return std::nullopt;
    memory.resize(static_cast<std::size_t>(got));
    return std::pair(*io::from_raw(from), memory);
  }
  Bytes check(std::string_view username, std::string_view password) {
    Bytes out = wire::encode_stun_request({kTransaction, username, 1, true, 1});
    seal(out, Private(std::string(password)));
    return out;
  }

  GMainContext* context;
  Sent detour;
  std::unique_ptr<StandIns> stand_ins;
  io::Descriptor ice;
  IceCredentials ours{Private<std::string>("ours"), Private<std::string>("secret of ours")};
};

TEST(StandIns, StandForOneFarEndEachBothWays) {
  World world;
  world.serve();
  const auto at = world.stand_ins->stand_in(kFarEnd);
  ASSERT_TRUE(at.has_value());
  EXPECT_EQ(at->address, IpAddress::v4(0x7f000001));
  EXPECT_EQ(world.stand_ins->stand_in(kFarEnd), at);
  EXPECT_EQ(world.stand_ins->behind(*at), kFarEnd);
  world.send(world.ice, *at, to_bytes("\x16 there"));
  ASSERT_EQ(world.detour.all.size(), 1U);
  EXPECT_EQ(world.detour.all[0], std::pair(kFarEnd, to_bytes("\x16 there")));
  world.stand_ins->on_datagram(kFarEnd, as_bytes("back"));
  EXPECT_EQ(world.received(), std::pair(*at, to_bytes("back")));
}

TEST(StandIns, TellTheFarEndItsOwnAddressAndNotOurLoopback) {
  for (const auto& address : {IpAddress::v4(0xc6336407), *IpAddress::parse("2001:db8::7")}) {
    World world;
    world.serve();
    const auto at = world.stand_ins->stand_in({address, 4242});
    Bytes answer = wire::encode_stun_success(kTransaction, *at);
    seal(answer, world.ours.pwd);
    world.send(world.ice, *at, answer);
    Bytes expected = wire::encode_stun_success(kTransaction, {address, 4242});
    seal(expected, world.ours.pwd);
    ASSERT_EQ(world.detour.all.size(), 1U);
    EXPECT_EQ(world.detour.all[0], std::pair(wire::Destination{address, 4242}, expected));
  }
}

TEST(StandIns, LetOnlyAuthenticChecksInFromStrangers) {
  World world;
  world.serve();
  world.stand_ins->on_datagram(kFarEnd, world.check("ours:them", "guessed"));
  world.stand_ins->on_datagram(kFarEnd, world.check("others:them", "secret of ours"));
  world.stand_ins->on_datagram(kFarEnd, as_bytes("\x16 bulk"));
  EXPECT_FALSE(world.received());
  const auto check = world.check("ours:them", "secret of ours");
  world.stand_ins->on_datagram(kFarEnd, check);
  const auto got = world.received();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->second, check);
  EXPECT_EQ(world.stand_ins->behind(got->first), kFarEnd);
}

TEST(StandIns, KnowAServerByNameUnderTheAddressThatAnswers) {
  World world;
  world.serve();
  const auto at = world.stand_ins->stand_in({"stun.example", 3478});
  Bytes question(20);
  question[1] = std::byte{1};
  question[9] = std::byte{0x42};
  world.send(world.ice, *at, question);
  ASSERT_EQ(world.detour.all.size(), 1U);
  Bytes answer = question;
  answer[0] = std::byte{1};
  Bytes other = answer;
  other[9] = std::byte{0x43};
  world.stand_ins->on_datagram(kFarEnd, other);
  EXPECT_FALSE(world.received());
  world.stand_ins->on_datagram(kFarEnd, answer);
  EXPECT_EQ(world.received(), std::pair(*at, answer));
}

// libnice would ask the server that it is sent to past the stand-ins.
TEST(StandIns, LetNoServerSendUsToAnother) {
  const wire::Destination by_name{"stun.example", 3478};
  for (const auto& server : {kFarEnd, by_name}) {
    World world;
    world.serve();
    const auto at = world.stand_ins->stand_in(server);
    const auto other = world.stand_ins->stand_in({IpAddress::v4(0xc6336408), 4242});
    ASSERT_TRUE(at && other);
    // As RFC 3489 has it, and with the cookie of RFC 8489.
    Bytes old_question(20);
    old_question[1] = std::byte{1};
    old_question[9] = std::byte{0x42};
    const auto new_question = wire::encode_stun_question(kTransaction);
    world.send(world.ice, *at, old_question);
    world.send(world.ice, *at, new_question);
    ASSERT_EQ(world.detour.all.size(), 2U);
    for (auto answer : {old_question, new_question}) {
      // 300, ALTERNATE-SERVER 127.0.0.1:22.
      append(answer, to_bytes(std::string_view("\0\x09\0\4\0\0\3\0\x80\x23\0\x08\0\1\0\x16\x7f\0\0\1", 20)));
      answer[3] = std::byte{20};
      answer[0] = std::byte{1};
      answer[1] = std::byte{0x11};
      for (const auto& from : {kFarEnd, wire::Destination{IpAddress::v4(0xc6336408), 4242}, by_name})
        world.stand_ins->on_datagram(from, answer);
      EXPECT_FALSE(world.received());
      answer[1] = std::byte{1};
      world.stand_ins->on_datagram(kFarEnd, answer);
      EXPECT_EQ(world.received(), std::pair(*at, answer)) << "a success is what ICE waits for";
    }
  }
}

TEST(StandIns, LetErrorsThroughThatAnswerChecks) {
  World world;
  world.serve();
  const auto at = world.stand_ins->stand_in(kFarEnd);
  world.send(world.ice, *at, world.check("them:ours", "secret of theirs"));
  Bytes conflict = wire::encode_stun_question(kTransaction);
  conflict[0] = std::byte{1};
  conflict[1] = std::byte{0x11};
  world.stand_ins->on_datagram(kFarEnd, conflict);
  EXPECT_EQ(world.received(), std::pair(*at, conflict));
}

TEST(StandIns, AskNoMoreThanTheyCanRemember) {
  World world;
  world.serve();
  const auto at = world.stand_ins->stand_in(kFarEnd);
  for (std::size_t i = 0; i < 2 * kMaxStunQuestions; ++i)
    world.send(world.ice, *at, wire::encode_stun_question({static_cast<std::byte>(i)}));
  EXPECT_EQ(world.detour.all.size(), kMaxStunQuestions);
  world.send(world.ice, *at, wire::encode_stun_question({}));
  EXPECT_EQ(world.detour.all.size(), kMaxStunQuestions + 1) << "the first one again";
}

TEST(StandIns, HearNobodyElseOnThisMachine) {
  World world;
  const auto at = world.stand_ins->stand_in(kFarEnd);
  const auto stranger = World::bound();
  const auto raw = io::to_raw(*at);
  world.send(stranger, *at, to_bytes("read before it is known who ICE is"));
  EXPECT_TRUE(world.detour.all.empty());
  ::sendto(stranger.get(), "early", 5, 0, io::generic(raw), io::length_of(raw));  // before it is known who ICE is
  world.serve();
  world.send(stranger, *at, to_bytes("through your proxy, please"));
  EXPECT_TRUE(world.detour.all.empty());
}

TEST(StandIns, SayWhenTheyCannotServe) {
  World world;
  ASSERT_TRUE(world.stand_ins->stand_in(kFarEnd));
  EXPECT_FALSE(world.stand_ins->serve({*IpAddress::parse("::1"), 4242}));
}

TEST(StandIns, AreBounded) {
  World world;
  world.serve();
  for (std::size_t i = 0; i < kMaxStandIns; ++i)
    EXPECT_TRUE(world.stand_ins->stand_in({IpAddress::v4(0x08080808), static_cast<std::uint16_t>(1024 + i)}));
  EXPECT_FALSE(world.stand_ins->stand_in(kFarEnd));
}

}  // namespace
}  // namespace footbridge::webrtc
