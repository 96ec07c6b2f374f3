// Keeps the simulator honest: a bug is planted into a copy of one source file of core (tests/sim/model/planted), this program
// is linked with the copy, and the model tier has to find it. The shipped program never sees the copy.
//
// Patches and not a switch in core: what is shipped has no branch that could be taken by mistake, and the reader of
// core none to read over. A patch that does not apply any more stops the build; then the bug is planted anew.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "sim/model/world.hpp"

namespace footbridge::sim::model {
namespace {

constexpr std::uint64_t kMostSeeds = 500;
constexpr int kFound = 7;

// In a process of its own: a planted bug may well break one of core's own invariants, which is as good as a finding.
[[noreturn]] void hunt() {
  for (std::uint64_t seed = 1; seed <= kMostSeeds; ++seed) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const auto result = run_seed({}, seed);
    if (!result.finding) continue;
    std::printf("%s: %s\n", std::string(name(result.finding->property)).c_str(), result.finding->what.c_str());
    std::fflush(stdout);
    std::_Exit(kFound);
  }
  std::_Exit(EXIT_SUCCESS);
}

bool found(int status) {
  return (WIFEXITED(status) && WEXITSTATUS(status) == kFound) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST(PlantedBugTest, IsFoundWithin500Seeds) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(hunt(), found, "");
}

}  // namespace
}  // namespace footbridge::sim::model
