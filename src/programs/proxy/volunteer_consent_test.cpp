// Consent at a terminal, where its answer cannot be kept. The rest is asked of the program: tests/e2e/consent.py.
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>

#include "io/descriptor.hpp"
#include "observe/logger.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/proxy/consent.hpp"

namespace footbridge::proxy {
namespace {

// In place of standard input and error while it lives; somebody sits there and says yes.
class Terminal {
 public:
  Terminal() {
    EXPECT_EQ(::grantpt(ours_.get()), 0);
    EXPECT_EQ(::unlockpt(ours_.get()), 0);
    const io::Descriptor theirs(::open(::ptsname(ours_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    EXPECT_EQ(::dup2(theirs.get(), STDIN_FILENO), STDIN_FILENO);
    EXPECT_EQ(::dup2(theirs.get(), STDERR_FILENO), STDERR_FILENO);
    person_ = std::thread([this] { answer(); });
  }
  ~Terminal() {
    ::dup2(in_.get(), STDIN_FILENO);
    ::dup2(err_.get(), STDERR_FILENO);  // nobody asks there any more: the person hears the end
    person_.join();
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

 private:
  void answer() const {
    std::array<char, 4096> block{};
    for (std::string said; !said.ends_with("[y/N] ");) {
      const auto got = ::read(ours_.get(), block.data(), block.size());
      if (got <= 0) return;
      said.append(block.data(), static_cast<std::size_t>(got));
    }
    EXPECT_EQ(::write(ours_.get(), "y\n", 2), 2);
  }

  io::Descriptor ours_{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  io::Descriptor in_{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
  io::Descriptor err_{::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)};
  std::thread person_;
};

TEST(VolunteerConsent, IsTakenForThisTimeWhereItCannotBeKeptAndNobodyNamedTheFolder) {
  const ops::ScratchDir folder;
  const auto nowhere = folder.write("file", "") + "/state";
  const ops::ScopedEnvironment given("STATE_DIRECTORY", nowhere);
  const observe::LogCapture log;
  VolunteerOptions options;
  {
    const Terminal terminal;
    EXPECT_NO_THROW(require_consent(options));
  }
  EXPECT_EQ(log.count("state-not-kept"), 1U);
  options.link.state_dir = ops::FilePath{nowhere};
  const Terminal terminal;
  EXPECT_THROW(require_consent(options), ops::UsageError);
}

}  // namespace
}  // namespace footbridge::proxy
