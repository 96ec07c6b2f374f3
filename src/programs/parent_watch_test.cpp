#include "programs/parent_watch.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "io/clock.hpp"
#include "programs/run_loop.hpp"

namespace footbridge {
namespace {

using Pipe = std::array<int, 2>;

Pipe make_pipe() {
  Pipe ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return ends;
}

// One letter of what a process says; '\0': it is gone or says nothing for five seconds.
char next_word(const Pipe& from) {
  pollfd waiting{from[0], POLLIN, 0};
  char word = '\0';
  if (::poll(&waiting, 1, 5'000) == 1 && ::read(from[0], &word, 1) == 1) return word;
  return '\0';
}
void say(const Pipe& to, char word) { static_cast<void>(::write(to[1], &word, 1)); }

// A process that watches its parent: says 'r' when it does, 'g' when the parent is gone, 's' when it is told to stop.
[[noreturn]] void watch_and_tell(const Pipe& words, bool exit_on_close, int input) {
  RunLoop loop;
  bool gone = false;
  const ParentWatch watch(
      loop.executor(), exit_on_close, [&] { gone = true, loop.request_stop(); }, input);
  say(words, 'r');
  loop.run(loop.stop_requested());
  say(words, gone ? 'g' : 's');
  ::_exit(0);
}

bool ends_with(int input, bool exit_on_close) {
  asio::io_context context(1);
  bool gone = false;
  const ParentWatch watch(
      context.get_executor(), exit_on_close, [&] { gone = true, context.stop(); }, input);
  context.run_for(Millis{exit_on_close ? 5'000 : 100});
  return gone;
}

TEST(ParentWatch, EndsWithStandardInputWhenAsked) {
  const auto input = make_pipe();
  say(input, 'x');  // what arrives means nothing
  ::close(input[1]);
  EXPECT_TRUE(ends_with(input[0], true));
  EXPECT_FALSE(ends_with(input[0], false)) << "nobody said that an end means goodbye";
  ::close(input[0]);
}

TEST(ParentWatch, WhatCannotBeWaitedForIsAtItsEnd) {
  for (const auto* path : {"/dev/null", "/proc/self/exe"}) {
    const int input = ::open(path, O_RDONLY | O_CLOEXEC);
    EXPECT_TRUE(ends_with(input, true)) << path;
    ::close(input);
  }
  EXPECT_TRUE(ends_with(-1, true)) << "closed before we began";
}

TEST(ParentWatch, EndsWithTheParent) {
  const auto words = make_pipe();
  const auto ready = make_pipe();
  const auto parent = ::fork();
  if (parent == 0) {
    if (::fork() == 0) watch_and_tell(words, false, -1);
    next_word(ready);
    ::_exit(0);
  }
  EXPECT_EQ(next_word(words), 'r');
  say(ready, 'x');
  EXPECT_EQ(next_word(words), 'g');
  ::waitpid(parent, nullptr, 0);
  for (const auto& pipe : {words, ready}) ::close(pipe[0]), ::close(pipe[1]);
}

// tor asks the kernel for it; our goodbye would end with a second signal.
TEST(ParentWatch, TakesBackTheSignalThatTheParentAskedFor) {
  ASSERT_EQ(::prctl(PR_SET_PDEATHSIG, SIGTERM), 0);
  asio::io_context context(1);
  const ParentWatch watch(context.get_executor(), false, [] {});
  int signal = -1;
  ASSERT_EQ(::prctl(PR_GET_PDEATHSIG, &signal), 0);
  EXPECT_EQ(signal, 0);
}

std::ptrdiff_t threads_alive() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

// A parent with many threads: the one that started us may end at any time, and that means nothing.
TEST(ParentWatch, OutlivesTheThreadThatStartedUs) {
  const auto words = make_pipe();
  const auto input = make_pipe();
  const auto before = threads_alive();
  pid_t child = -1;
  std::thread([&] {
    child = ::fork();
    if (child == 0) {
      ::close(input[1]);
      watch_and_tell(words, true, input[0]);
    }
    EXPECT_EQ(next_word(words), 'r');
  }).join();
  const auto until = io::now() + Seconds{5};
  while (threads_alive() > before && io::now() < until) std::this_thread::yield();
  pollfd quiet{words[0], POLLIN, 0};
  EXPECT_EQ(::poll(&quiet, 1, 100), 0) << "a signal came with the end of the thread";
  ::close(input[1]);
  EXPECT_EQ(next_word(words), 'g');
  ::waitpid(child, nullptr, 0);
  ::close(input[0]), ::close(words[0]), ::close(words[1]);
}

}  // namespace
}  // namespace footbridge
