// What start-up throws and main() turns into one line and an exit code. The text names the option and what to do.
// Nothing else in ops or the programs throws to its caller.
// A UsageError may repeat what a file said, and files come from others: control characters, which could forge a second
// line or drive a terminal, become '?'.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace footbridge::ops {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the world was against us: a port in use, a peer gone
inline constexpr int kExitUsage = 2;   // flags, environment, configuration file, key files

inline std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

// Wrong flags or configuration; the same command will fail again until somebody changes it.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(std::string text) : std::runtime_error(one_line(std::move(text))) {}
};

// The configuration is fine and it still did not work.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace footbridge::ops
