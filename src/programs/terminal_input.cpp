#include "programs/terminal_input.hpp"

#include <cerrno>
#include <cstdio>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "io/clock.hpp"
#include "ops/errors.hpp"

namespace footbridge {

std::optional<std::string> TerminalInput::line() {
  char block[4096];  // what a terminal keeps of a line
  auto ends = typed_.find('\n');
  while (ends == std::string::npos && typed_.size() < kMaxLineBytes) {
    const auto got = ::read(STDIN_FILENO, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    typed_.append(block, static_cast<std::size_t>(got));
    ends = typed_.find('\n');
  }
  if (typed_.empty()) return std::nullopt;
  auto out = typed_.substr(0, ends == std::string::npos ? kMaxLineBytes : ends + 1);
  typed_.erase(0, out.size());
  return out;
}

bool TerminalInput::is_quiet() const {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return typed_.empty() && ::poll(&input, 1, static_cast<int>(kQuiet.count())) == 0;
}

bool TerminalInput::discard() {
  const auto give_up = io::now() + kMostDiscard;
  while (io::now() < give_up) {
    typed_.clear();
    if (::tcflush(STDIN_FILENO, TCIFLUSH) != 0) return false;
    // Once more when it is quiet: a line that is not finished yet does not count as something to read.
    if (is_quiet()) return ::tcflush(STDIN_FILENO, TCIFLUSH) == 0;
  }
  return false;
}

bool says_yes(TerminalInput& terminal, const std::string& question) {
  if (!terminal.discard())
    throw ops::RunError("something keeps typing into this terminal, so nobody can be asked; nothing was changed");
  std::fputs((question + " [y/N] ").c_str(), stderr);
  const auto answer = terminal.line();
  return answer == "y\n" || answer == "Y\n" || answer == "yes\n" || answer == "Yes\n";
}

}  // namespace footbridge
