// Which links open where either end is behind an address translation: what a probe of a volunteer's class stands on.
#include "io/translator.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <string_view>
#include <tuple>

#include "transport/webrtc/link_harness.hpp"
#include "transport/webrtc/plain_stun_server.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {
namespace {

using io::Translator;
using io::TranslatorKind;

using MakeDetour = std::function<std::unique_ptr<io::Detour>()>;

MakeDetour behind(TranslatorKind kind, const PlainStunServer& stun) {
  const Endpoint server{IpAddress::v4(0x7f000001), stun.socket.local_endpoint().port()};
  const io::LocalAddresses here{Private(IpAddress::v4(0x7f000001)), std::nullopt};
  return [=] { return std::make_unique<Translator>(kind, here, Private(server)); };
}

// One attempt at a link, until it is open at both ends or given up by the client.
struct Attempt {
  std::string_view client_is, volunteer_is;
  bool opens;
  LinkUser client{};
  LinkUser volunteer{};

  void step(boost::asio::io_context& io, Engine& engine, const LinkConfig& config) {
    if (client.description && !volunteer.link)
      volunteer.link = engine.answer(io.get_executor(), config, *client.description, volunteer);
    if (volunteer.description && !answered)
      answered = client.link->accept_answer(*volunteer.description, LinkKind::Native).ok();
  }
  bool opened() const { return client.opened == 1 && volunteer.opened == 1; }
  bool over() const { return opened() || client.closed + volunteer.closed > 0; }
  bool answered = false;
};

TEST(Translator, LetsALinkOpenExactlyWhereRfc4787SaysThatTheTwoCanMeet) {
  boost::asio::io_context io{1};
  PlainStunServer stun(io);
  Engine engine(loopback_config());
  const std::map<std::string_view, MakeDetour> kinds = {{"open", {}},
                                                        {"moderate", behind(TranslatorKind::Moderate, stun)},
                                                        {"strict", behind(TranslatorKind::Strict, stun)}};
  std::list<Attempt> attempts;
  for (const auto& [client, volunteer, opens] : {std::tuple{"open", "open", true},
                                                 {"open", "moderate", true},
                                                 {"open", "strict", true},
                                                 {"moderate", "open", true},
                                                 {"moderate", "moderate", true},
                                                 {"moderate", "strict", false},
                                                 {"strict", "open", true},
                                                 {"strict", "moderate", false},
                                                 {"strict", "strict", false}})
    attempts.push_back({client, volunteer, opens});
  const auto config = [&](std::string_view kind) {
    return LinkConfig{.best = LinkKind::Native, .make_detour = kinds.at(kind)};
  };
  for (auto& attempt : attempts)
    attempt.client.link = engine.offer(io.get_executor(), config(attempt.client_is), attempt.client);
  run_until(
      io,
      [&] {
        for (auto& attempt : attempts) attempt.step(io, engine, config(attempt.volunteer_is));
        return std::ranges::all_of(attempts, [](const auto& attempt) { return attempt.over(); });
      },
      std::chrono::seconds(30));
  for (const auto& attempt : attempts)
    EXPECT_EQ(attempt.opened(), attempt.opens) << attempt.client_is << " client, " << attempt.volunteer_is;
}

TEST(Translator, NamesNothingButWhatTheStunServerSaw) {
  for (const auto kind : {TranslatorKind::Moderate, TranslatorKind::Strict}) {
    LinkPair pair;
    PlainStunServer stun(pair.io);
    pair.client.link = pair.engine.offer(pair.io.get_executor(), {.make_detour = behind(kind, stun)}, pair.client);
    ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
    const auto offer = wire::parse_sdp(pair.client.description->reveal_to_socket());
    ASSERT_TRUE(offer.ok());
    ASSERT_EQ(offer->candidates.size(), 1U);
    EXPECT_EQ(offer->candidates[0].endpoint.reveal_to_socket().port, stun.from.port());
  }
}

// Whom nobody asked gets in nowhere, and each destination sees the port that its kind says.
struct Ends {
  explicit Ends(TranslatorKind kind) : detour(kind, {Private(IpAddress::v4(0x7f000001)), std::nullopt}, std::nullopt) {
    detour.start(heard);
  }
  struct Heard final : io::DetourEvents {
    void on_detour_open() override { ++opened; }
    void on_detour_over() override { ++over; }
    void on_detour_datagram(const wire::Destination& from, ByteView) override { senders.push_back(from.port); }
    int opened = 0;
    int over = 0;
    std::vector<std::uint16_t> senders;
  } heard;
  Translator detour;
};

struct FarEnd {
  explicit FarEnd(boost::asio::io_context& io) : socket(io, {boost::asio::ip::address_v4::loopback(), 0}) {}
  std::uint16_t port() const { return socket.local_endpoint().port(); }
  wire::Destination place() const { return {IpAddress::v4(0x7f000001), port()}; }
  // From which port it is sent what the detour sends it.
  std::uint16_t asked_by(Translator& detour) {
    detour.send_run(place(), Bytes(8), 8);
    std::array<std::byte, 64> memory{};
    boost::asio::ip::udp::endpoint from;
    socket.receive_from(boost::asio::buffer(memory), from);
    return from.port();
  }
  void send_to(std::uint16_t port) {
    socket.send_to(boost::asio::buffer("knock", 5), {boost::asio::ip::address_v4::loopback(), port});
  }
  boost::asio::ip::udp::socket socket;
};

TEST(Translator, AsModerateHasOnePortAndAsStrictOneForEachDestination) {
  boost::asio::io_context io{1};
  FarEnd first(io);
  FarEnd second(io);
  Ends moderate(TranslatorKind::Moderate);
  EXPECT_EQ(first.asked_by(moderate.detour), second.asked_by(moderate.detour));
  Ends strict(TranslatorKind::Strict);
  const auto port = first.asked_by(strict.detour);
  EXPECT_NE(port, second.asked_by(strict.detour));
  EXPECT_EQ(port, first.asked_by(strict.detour)) << "the same destination, the same port";
}

TEST(Translator, LetsInOnlyWhomThatPortHasSentTo) {
  boost::asio::io_context io{1};
  for (const auto kind : {TranslatorKind::Moderate, TranslatorKind::Strict}) {
    FarEnd asked(io);
    FarEnd asked_too(io);
    FarEnd stranger(io);
    Ends ends(kind);
    const auto port = asked.asked_by(ends.detour);
    const auto other = asked_too.asked_by(ends.detour);
    stranger.send_to(port);
    asked_too.send_to(port);
    asked.send_to(other);
    asked.send_to(port);
    ends.detour.work();
    const std::vector<std::uint16_t> all = {asked_too.port(), asked.port(), asked.port()};
    const std::vector<std::uint16_t> own = {asked.port()};
    EXPECT_EQ(ends.heard.senders, kind == TranslatorKind::Moderate ? all : own);
  }
}

TEST(Translator, HasRoomForAsManyDestinationsAsItSaysAndLosesTheRest) {
  boost::asio::io_context io{1};
  Ends ends(TranslatorKind::Strict);
  for (std::size_t i = 0; i < Translator::kMaxTranslated; ++i)
    ends.detour.send_run({IpAddress::v4(0x7f000002), static_cast<std::uint16_t>(20'000 + i)}, Bytes(8), 8);
  FarEnd late(io);
  late.socket.non_blocking(true);
  ends.detour.send_run(late.place(), Bytes(8), 8);
  std::array<std::byte, 64> memory{};
  boost::system::error_code error;
  late.socket.receive(boost::asio::buffer(memory), 0, error);
  EXPECT_EQ(error, boost::asio::error::would_block);
}

TEST(Translator, IsOverAtOnceWithoutAnAddressOfThisFamily) {
  Translator detour(TranslatorKind::Moderate, {std::nullopt, Private(*IpAddress::parse("::1"))}, std::nullopt);
  Ends::Heard heard;
  detour.start(heard);
  EXPECT_EQ(heard.opened, 0);
  EXPECT_EQ(heard.over, 1);
  EXPECT_EQ(detour.descriptor(), -1);
}

}  // namespace
}  // namespace footbridge::webrtc
