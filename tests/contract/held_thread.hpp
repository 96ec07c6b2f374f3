// HeldThread: holds a thread of this process, found by its name, inside a signal handler until the object goes: a loop
// that hangs. One at a time; SIGUSR1 is its own.
#pragma once

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

namespace footbridge::test {

class HeldThread {
 public:
  explicit HeldThread(std::string_view name) {
    if (held_[0] == 0) EXPECT_EQ(::pipe(held_.data()) + ::pipe(let_go_.data()), 0);
    std::signal(SIGUSR1, &hold);
    const auto thread = find(name);
    EXPECT_NE(thread, 0) << name;
    if (thread == 0 || ::syscall(SYS_tgkill, ::getpid(), thread, SIGUSR1) != 0) return;
    char byte = 0;
    EXPECT_EQ(::read(held_[0], &byte, 1), 1);
  }
  ~HeldThread() { EXPECT_EQ(::write(let_go_[1], "g", 1), 1); }
  HeldThread(const HeldThread&) = delete;
  HeldThread& operator=(const HeldThread&) = delete;

 private:
  static void hold(int) {
    char byte = 0;
    if (::write(held_[1], "h", 1) == 1) static_cast<void>(::read(let_go_[0], &byte, 1));
  }
  static long find(std::string_view name) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::string text;
      std::getline(std::ifstream(task.path() / "comm") >> std::ws, text);
      if (text == name) return std::stol(task.path().filename());
    }
    return 0;
  }

  // Kept for the next one: the thread that is let go may not have read its byte yet.
  static inline std::array<int, 2> held_{};
  static inline std::array<int, 2> let_go_{};
};

}  // namespace footbridge::test
