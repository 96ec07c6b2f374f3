// What start-up throws and main() turns into one line and an exit code. The text names the option and what to do.
// Nothing else in ops or the programs throws to its caller.
#pragma once

#include <stdexcept>
#include <string>

namespace footbridge::ops {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the world was against us: a port in use, a peer gone
inline constexpr int kExitUsage = 2;   // flags, environment, configuration file, key files

// Wrong flags or configuration; the same command will fail again until somebody changes it.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The configuration is fine and it still did not work.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace footbridge::ops
