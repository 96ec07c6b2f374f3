// A proxy that dies without a word: a child process holds the other end and is killed.
#include <array>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/webrtc/link_harness.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::chrono::seconds kNoticed{10};  // docs/spec/02-link.md: consent expires
constexpr std::chrono::seconds kBusy{6};      // what this machine may add; RFC 7675 itself would allow twenty more

void write_text(int socket, const std::string& text) {
  ASSERT_EQ(write(socket, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

std::string read_text(int socket) {
  std::array<char, 16'384> buffer{};
  const auto count = read(socket, buffer.data(), buffer.size());
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

// The child: answers the offer and keeps the link until it is killed.
[[noreturn]] void live_as_proxy(int socket) {
  boost::asio::io_context io{1};
  const auto work = boost::asio::make_work_guard(io);
  Engine engine(loopback_config());
  LinkUser user;
  user.link = engine.answer(io.get_executor(), {}, Private(read_text(socket)), user);
  if (!run_until(io, [&] { return user.description.has_value(); })) _exit(1);
  write_text(socket, user.description->reveal_to_socket());
  run_until(
      io, [] { return false; }, std::chrono::minutes(2));
  _exit(1);
}

TEST(LinkKill, AKilledPeerIsNoticedWithinTenSeconds) {
  std::array<int, 2> sockets{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets.data()), 0);
  const auto child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) live_as_proxy(sockets[1]);

  LinkPair pair;
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.description.has_value(); }));
  write_text(sockets[0], pair.client.description->reveal_to_socket());
  ASSERT_TRUE(pair.client.link->accept_answer(Private(read_text(sockets[0])), LinkKind::DataChannel));
  ASSERT_TRUE(run_until(pair.io, [&] { return pair.client.opened == 1; }));

  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(run_until(
      pair.io, [&] { return pair.client.closed == 1; }, kNoticed + kBusy));
  EXPECT_EQ(pair.client.end, PipeEnd::Lost);
  const auto took = std::chrono::steady_clock::now() - since;
  RecordProperty("noticed_ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_LE(took, kNoticed + kBusy);
  close(sockets[0]);
  close(sockets[1]);
}

}  // namespace
}  // namespace footbridge::webrtc
