// An association with a SOCKS5 proxy, driven by hand.
#include "io/socks_association.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/test_socks_proxy.hpp"

namespace footbridge::io {
namespace {

const wire::Destination kFarEnd{IpAddress::v4(0x7f000001), 9};
// To whatever UDP socket this thread connects next: what a stranger sends to it while it is bound and not connected.
thread_local std::optional<Bytes> before_connect;

struct Heard final : DetourEvents {
  void on_detour_open() override { open = true; }
  void on_detour_over() override { over = true; }
  void on_detour_datagram(const wire::Destination&, ByteView datagram) override { all.push_back(to_bytes(datagram)); }
  bool open = false;
  bool over = false;
  std::vector<Bytes> all;
};

template <class Done>
bool work_until(SocksAssociation& association, Done done) {
  constexpr int kPollMs = 10;
  for (int i = 0; i < 500 && !done(); ++i) {
    pollfd wait{association.descriptor(), POLLIN, 0};
    ::poll(&wait, 1, kPollMs);
    association.work();
  }
  return done();
}

TEST(SocksAssociation, HearsNobodyButTheProxyFromTheBeginningOn) {
  TestSocksProxy proxy;
  Heard heard;
  SocksAssociation association(proxy.upstream(), std::nullopt);
  before_connect = wire::encode_socks_datagram({Private(kFarEnd), as_bytes("forged")}).value();
  association.start(heard);
  ASSERT_TRUE(work_until(association, [&] { return heard.open; }));
  EXPECT_FALSE(before_connect) << "it was sent";
  association.send_run(kFarEnd, as_bytes("here I am"), 9);
  ASSERT_TRUE(work_until(association, [&] { return proxy.datagrams() == 1; }));
  proxy.forge({IpAddress::v4(0x7f000001), 9}, to_bytes("the proxy's"));
  ASSERT_TRUE(work_until(association, [&] { return !heard.all.empty(); }));
  EXPECT_EQ(heard.all[0], to_bytes("the proxy's"));
}

TEST(SocksAssociation, HasNoDescriptorWhenItIsOverAtOnce) {
  TestSocksProxy proxy;
  auto upstream = proxy.upstream();
  upstream.local.v4 = Private(IpAddress::v4(0xc0000201));  // 192.0.2.1, which is not this machine's
  Heard heard;
  SocksAssociation refused(upstream, std::nullopt);
  refused.start(heard);
  ASSERT_TRUE(heard.over);
  EXPECT_EQ(refused.descriptor(), -1);
  EXPECT_EQ(refused.why(), UpstreamErrc::Unreachable);
}

}  // namespace

void send_before_connect(int socket) {
  int type = 0;
  socklen_t bytes = sizeof type;
  if (!before_connect || getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 || type != SOCK_DGRAM) return;
  const auto at = to_raw(*bound_to(socket));
  const Descriptor stranger(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(stranger.get(), before_connect->data(), before_connect->size(), 0, generic(at), length_of(at));
  before_connect.reset();
}

}  // namespace footbridge::io

// Instead of the C library's: nothing else comes between bind() and connect().
extern "C" int connect(int socket, const sockaddr* to, socklen_t bytes) {
  footbridge::io::send_before_connect(socket);
  return static_cast<int>(::syscall(SYS_connect, socket, to, bytes));
}
