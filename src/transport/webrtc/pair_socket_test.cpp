// The socket of a pair beside the one it shares its port with, over loopback.
#include "transport/webrtc/pair_socket.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace footbridge::webrtc {
namespace {

sockaddr_storage loopback(int family) {
  sockaddr_storage out{};
  out.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) reinterpret_cast<sockaddr_in&>(out).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (family == AF_INET6) reinterpret_cast<sockaddr_in6&>(out).sin6_addr = in6addr_loopback;
  return out;
}

// What ICE has: bound, not connected.
class PlainSocket {
 public:
  explicit PlainSocket(int family)
      : socket_(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0)), address_(loopback(family)) {
    EXPECT_EQ(bind(socket_, generic(), bytes_), 0);
    EXPECT_EQ(getsockname(socket_, generic(), &bytes_), 0);
  }
  ~PlainSocket() { ::close(socket_); }
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;

  int descriptor() const { return socket_; }
  const sockaddr_storage& address() const { return address_; }
  void send_to(PlainSocket& other, std::string_view text) {
    EXPECT_EQ(sendto(socket_, text.data(), text.size(), 0, other.generic(), other.bytes_),
              static_cast<ssize_t>(text.size()));
  }
  std::string read() const {
    std::string out(2'000, '\0');
    const auto count = recv(socket_, out.data(), out.size(), 0);
    out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return out;
  }

 private:
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }
  int socket_;
  sockaddr_storage address_;
  socklen_t bytes_ = sizeof address_;
};

struct Seen final : io::DatagramRuns {
  bool on_run(const sockaddr_storage&, ByteView run, std::size_t segment_bytes) override {
    io::for_each_datagram(run, segment_bytes, [&](ByteView datagram) { all.push_back(to_string(datagram)); });
    return true;
  }
  std::vector<std::string> all;
};

// Everything that is on its way: loopback delivers before send returns.
std::vector<std::string> received(PairSocket& socket) {
  Seen seen;
  pollfd ready{socket.descriptor(), POLLIN, 0};
  while (poll(&ready, 1, 0) > 0) socket.receive(seen);
  return seen.all;
}

class PairSockets : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(BothFamilies, PairSockets, testing::Values(AF_INET, AF_INET6));

TEST_P(PairSockets, TakeTheirPeersDatagramsAndLeaveIceTheOthers) {
  PlainSocket ice(GetParam());
  PlainSocket peer(GetParam());
  PlainSocket stranger(GetParam());
  auto pair = PairSocket::open(ice.descriptor(), peer.address());
  ASSERT_NE(pair, nullptr);
  peer.send_to(ice, "from the peer");
  stranger.send_to(ice, "from a stranger");
  EXPECT_EQ(received(*pair), std::vector<std::string>{"from the peer"});
  EXPECT_EQ(ice.read(), "from a stranger");
  EXPECT_EQ(ice.read(), "");

  pair.reset();
  peer.send_to(ice, "again");
  EXPECT_EQ(ice.read(), "again") << "without the pair's socket ICE hears everybody";
}

// A STUN question may end a run of data: the kernel joins what follows closely, and nothing of it may be lost.
TEST_P(PairSockets, KeepEveryBoundaryOfALongRunWithAShortEnd) {
  PlainSocket ice(GetParam());
  PlainSocket other_ice(GetParam());
  auto near = PairSocket::open(ice.descriptor(), other_ice.address());
  auto far = PairSocket::open(other_ice.descriptor(), ice.address());
  ASSERT_TRUE(near != nullptr && far != nullptr);
  constexpr std::size_t kSegment = 1'200;
  std::vector<std::string> sent;
  std::string run;
  for (std::size_t i = 0; i + 1 < io::kMaxBatchDatagrams; ++i)
    run += sent.emplace_back(kSegment, static_cast<char>('a' + i % 26));
  run += sent.emplace_back("a short end");
  for (std::size_t i = 0; i < 2 * io::kReceiveRuns; ++i) near->send_run(as_bytes(run), kSegment);
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 2 * io::kReceiveRuns; ++i) expected.insert(expected.end(), sent.begin(), sent.end());
  EXPECT_EQ(received(*far), expected);
}

TEST_P(PairSockets, LetNobodyElseJoinTheirPort) {
  PlainSocket ice(GetParam());
  PlainSocket peer(GetParam());
  const auto pair = PairSocket::open(ice.descriptor(), peer.address());
  ASSERT_NE(pair, nullptr);
  const int thief = ::socket(GetParam(), SOCK_DGRAM, 0);
  const int on = 1;
  ASSERT_EQ(setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  EXPECT_EQ(bind(thief, reinterpret_cast<const sockaddr*>(&ice.address()), sizeof(sockaddr_in6)), -1);
  ::close(thief);
}

TEST_P(PairSockets, OutliveAPeerThatHasGone) {
  PlainSocket ice(GetParam());
  auto peer = std::make_unique<PlainSocket>(GetParam());
  const auto pair = PairSocket::open(ice.descriptor(), peer->address());
  ASSERT_NE(pair, nullptr);
  peer.reset();
  for (int i = 0; i < 3; ++i) pair->send(as_bytes("to nobody"));
  EXPECT_TRUE(received(*pair).empty()) << "an ICMP error is no datagram, and no endless readiness";
}

}  // namespace
}  // namespace footbridge::webrtc
