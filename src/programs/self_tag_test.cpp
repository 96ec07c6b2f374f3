#include "programs/self_tag.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "ops/errors.hpp"

namespace footbridge {
namespace {

struct SelfTagTest : testing::Test {
  std::string directory = testing::TempDir() + "self-tag-test-XXXXXX";
  LinkOptions options;
  SeededRng rng{1};
  SelfTagTest() {
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    options.state_dir = ops::FilePath{directory + "/state"};
  }
  ~SelfTagTest() override { std::filesystem::remove_all(directory); }
};

TEST_F(SelfTagTest, IsTheSameForEveryProgramOfAnInstallation) {
  const auto first = load_self_tag(options, rng);
  EXPECT_EQ(load_self_tag(options, rng), first);
  options.state_dir = ops::FilePath{directory + "/other"};
  EXPECT_NE(load_self_tag(options, rng), first);
}

TEST_F(SelfTagTest, IsReadableForItsOwnerOnly) {
  load_self_tag(options, rng);
  using std::filesystem::perms;
  const auto mode = [](const std::string& path) { return std::filesystem::status(path).permissions(); };
  EXPECT_EQ(mode(directory + "/state") & (perms::group_all | perms::others_all), perms::none);
  EXPECT_EQ(mode(directory + "/state/self-tag") & (perms::group_all | perms::others_all), perms::none);
}

TEST_F(SelfTagTest, ADamagedFileIsSaidAndNotReplaced) {
  load_self_tag(options, rng);
  std::ofstream(directory + "/state/self-tag") << "nonsense";
  EXPECT_THROW(load_self_tag(options, rng), ops::UsageError);
}

TEST_F(SelfTagTest, AGivenDirectoryThatCannotBeMadeIsAnError) {
  std::ofstream(directory + "/file") << "x";
  options.state_dir = ops::FilePath{directory + "/file/state"};
  EXPECT_THROW(load_self_tag(options, rng), ops::UsageError);
}

}  // namespace
}  // namespace footbridge
