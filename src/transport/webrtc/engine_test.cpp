// The engine's life: it starts, stops at once in every state, leaves nothing behind, and says nothing it should not say
// on the wire.
#include "transport/webrtc/engine.hpp"

#include <arpa/inet.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/webrtc/link_harness.hpp"
#include "transport/webrtc/peer.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {
namespace {

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}
std::size_t descriptors() { return entries("/proc/self/fd"); }
std::size_t threads() { return entries("/proc/self/task"); }

// Milliseconds, and seconds under a sanitizer on a busy machine; less than anything it might wait for.
constexpr std::chrono::seconds kStopLimit{5};
// Gathering by itself ends after kGatherLimit: stopping must not have waited for that.
constexpr std::chrono::seconds kStopLimitWhileGathering{3};
static_assert(kStopLimitWhileGathering < kGatherLimit);
static_assert(kStopLimit < kIceLimit);

// How long `act` takes.
template <class Act>
std::chrono::nanoseconds duration_of(Act&& act) {
  const auto start = std::chrono::steady_clock::now();
  act();
  return std::chrono::steady_clock::now() - start;
}

// A STUN server that never answers, but keeps what it was sent.
class SilentStunServer {
 public:
  SilentStunServer() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t bytes = sizeof address;
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &bytes), 0);
    endpoint_ = Endpoint{IpAddress::v4(INADDR_LOOPBACK), ntohs(address.sin_port)};
  }
  ~SilentStunServer() { ::close(socket_); }
  SilentStunServer(const SilentStunServer&) = delete;
  SilentStunServer& operator=(const SilentStunServer&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  Bytes request() {
    Bytes out(1500);
    const auto count = recv(socket_, out.data(), out.size(), MSG_DONTWAIT);
    out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return out;
  }

 private:
  int socket_;
  Endpoint endpoint_{IpAddress::v4(0), 0};
};

EngineConfig hung_stun_config(const SilentStunServer& server) {
  auto config = loopback_config();
  config.stun_servers = {server.endpoint()};
  return config;
}

TEST(Engine, LeavesNoThreadAndNoDescriptorBehindInAHundredLives) {
  std::size_t threads_before = 0;
  std::size_t descriptors_before = 0;
  constexpr int kLives = 100;
  for (int life = 0; life < kLives; ++life) {
    {
      LinkPair pair;
      // Every fourth life opens a link, the others are cut short at an earlier state.
      if (life % 4 == 0) {
        ASSERT_TRUE(pair.open({}));
      }
      if (life % 4 == 1) pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
      if (life % 4 == 2) pair.engine.stop();
    }
    if (life == 4) {
      threads_before = threads();
      descriptors_before = descriptors();
    }
  }
  EXPECT_EQ(threads(), threads_before);
  EXPECT_EQ(descriptors(), descriptors_before);
}

TEST(Engine, ReturnsToTheBaselineOfTheProcess) {
  const auto threads_before = threads();
  { LinkPair warm_up; }  // descriptors that GLib opens once and keeps
  const auto descriptors_before = descriptors();
  {
    LinkPair pair;
    ASSERT_TRUE(pair.open({}));
    EXPECT_GT(threads(), threads_before);
  }
  EXPECT_EQ(threads(), threads_before);
  EXPECT_EQ(descriptors(), descriptors_before);
}

TEST(Engine, StopsAtOnceWhileGatheringFromAHungServer) {
  SilentStunServer server;
  LinkPair pair(hung_stun_config(server));
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return !server.request().empty(); }));
  EXPECT_LT(duration_of([&] { pair.engine.stop(); }), kStopLimitWhileGathering);
  EXPECT_EQ(pair.client.closed, 0);
}

TEST(Engine, AsksNoServerThatSomebodyElseFoundSilent) {
  SilentStunServer silent, other;
  auto config = hung_stun_config(silent);
  config.stun_servers.push_back(other.endpoint());
  LinkPair pair(std::move(config));
  pair.engine.note_stun_server(silent.endpoint(), false);
  for (int i = 0; i < 6; ++i) {
    pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
    ASSERT_TRUE(run_until(pair.io, [&] { return !other.request().empty(); })) << i;
  }
  EXPECT_TRUE(silent.request().empty());
}

TEST(Engine, StopsAtOnceWhileConnecting) {
  LinkPair pair;
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
  pair.proxy.link = pair.engine.answer(pair.io.get_executor(), {}, *pair.client.description, pair.proxy);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.proxy.link->info().state == LinkState::Connecting; }));
  EXPECT_LT(duration_of([&] { pair.engine.stop(); }), kStopLimit);
}

TEST(Engine, StopsAtOnceWithALinkFullOfData) {
  LinkPair pair;
  ASSERT_TRUE(pair.open({.reliability = Reliability::Reliable}));
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(pair.client.link->send(Bytes(kMaxMessageBytes)));
  pair.client.link->flush();
  EXPECT_LT(duration_of([&] { pair.engine.stop(); }), kStopLimit);
  // Calls into a link whose engine is gone do nothing.
  pair.client.link->flush();
  pair.client.link->close(PipeEnd::Local);
  pair.client.link.reset();
  EXPECT_EQ(pair.client.closed, 0);
}

TEST(Engine, DescribesWhatItHasWhenTheStunServerIsHung) {
  SilentStunServer server;
  LinkPair pair(hung_stun_config(server));
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  const auto took =
      duration_of([&] { ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); })); });
  EXPECT_LT(took, kGatherLimit + Seconds(5));
  const auto parsed = wire::parse_sdp(pair.client.description->reveal_to_socket());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->candidates.size(), 1U);
}

TEST(Engine, SendsNoSoftwareAttribute) {
  SilentStunServer server;
  LinkPair pair(hung_stun_config(server));
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  Bytes request;
  ASSERT_TRUE(run_until(pair.io, [&] { return !(request = server.request()).empty(); }));
  constexpr std::size_t kStunHeaderBytes = 20;
  constexpr unsigned kSoftware = 0x8022;  // RFC 8489 §14.14
  const auto u16 = [&](std::size_t at) {
    return std::to_integer<unsigned>(request[at]) << 8 | std::to_integer<unsigned>(request[at + 1]);
  };
  for (std::size_t at = kStunHeaderBytes; at + 4 <= request.size(); at += 4 + (u16(at + 2) + 3) / 4 * 4)
    EXPECT_NE(u16(at), kSoftware);
}

TEST(Engine, DescribesNoPrivateCandidateUnlessAllowed) {
  auto config = loopback_config();
  config.allow_private_candidates = false;
  LinkPair pair(config);
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
  const auto parsed = wire::parse_sdp(pair.client.description->reveal_to_socket());
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->candidates.empty());
}

TEST(Engine, SendsNothingToAPrivateCandidateUnlessAllowed) {
  SilentStunServer target;
  auto config = loopback_config();
  config.allow_private_candidates = false;
  LinkPair pair(config);
  wire::SessionDescription offer;
  offer.ice_ufrag = Private(std::string("abcd"));
  offer.ice_pwd = Private(std::string(24, 'p'));
  offer.candidates.push_back({"1", 1, Private(target.endpoint()), wire::CandidateType::Host});
  const Private<std::string> text(wire::encode_sdp(offer, 1));
  pair.proxy.link = pair.engine.answer(pair.io.get_executor(), {}, text, pair.proxy);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.proxy.link->info().state == LinkState::Connecting; }));
  EXPECT_EQ(pair.proxy.link->info().candidates_refused, 1U);
  EXPECT_FALSE(run_until(
      pair.io, [&] { return !target.request().empty(); }, std::chrono::milliseconds(300)));
}

}  // namespace
}  // namespace footbridge::webrtc
