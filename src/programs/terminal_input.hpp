// What is typed into the terminal on standard input, for a program that asks questions: what was typed or pasted before
// a question is never its answer, and what is left over never reaches the shell that reads this terminal next.
// Reads by itself, so nothing else may read standard input meanwhile. Of a line without end kMaxLineBytes are
// handed out at a time. Every method blocks; discard() for kMostDiscard at most. Used by one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace footbridge {

class TerminalInput {
 public:
  static constexpr std::size_t kMaxLineBytes = 64 * 1024;  // a whole letter in one line
  // A paste comes in pieces, over ssh with pauses between them; nobody reads and answers a question faster than that.
  static constexpr Millis kQuiet{200};
  // Longer than any paste takes that parse_invite_text() would look at.
  static constexpr Millis kMostDiscard{5'000};

  TerminalInput() = default;
  ~TerminalInput() { discard(); }
  TerminalInput(const TerminalInput&) = delete;
  TerminalInput& operator=(const TerminalInput&) = delete;

  // With its line break, or without one if the input ended in it (Ctrl-D). nullopt: at its end, or it cannot be read.
  std::optional<std::string> line();
  // Nothing more comes for kQuiet.
  bool is_quiet() const;
  // Forgets what was typed so far, and what still comes until it is quiet. False: it never was, or the terminal is
  // gone.
  bool discard();

 private:
  std::string typed_;  // read, and not handed out
};

// Asks on standard error. Throws ops::RunError where something keeps typing.
bool says_yes(TerminalInput& terminal, const std::string& question);

}  // namespace footbridge
