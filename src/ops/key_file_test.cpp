#include "ops/key_file.hpp"

#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(KeyFile, IsReadWhenOnlyItsOwnerCan) {
  const ScratchDir scratch;
  const auto path = scratch.write("leg.key", std::string(62, '0') + "ff\n");
  const auto key = read_key32("--leg-key-file", {path});
  EXPECT_EQ(key.reveal_to_socket()[31], std::byte{0xff});
}

TEST(KeyFile, IsRefusedWhenOthersCanReadIt) {
  const ScratchDir scratch;
  for (const unsigned mode : {0644U, 0640U, 0604U, 0601U, 0620U}) {
    const auto path = scratch.write("leg.key", std::string(64, '0'), mode);
    char octal[8];
    std::snprintf(octal, sizeof octal, "%04o", mode);
    EXPECT_EQ(refusal([&] { read_key32("--leg-key-file", {path}); }),
              "--leg-key-file: " + path + " can be read by others (mode " + octal + "); run: chmod 600 " + path);
  }
}

TEST(KeyFile, SaysInOneLineWhatIsWrongAndNeverWhatIsInside) {
  const ScratchDir scratch;
  const auto read = [&](const std::string& path) { return refusal([&] { read_key32("--leg-key-file", {path}); }); };
  EXPECT_EQ(read(scratch.path("absent")),
            "--leg-key-file: " + scratch.path("absent") + " cannot be read: No such file or directory");
  EXPECT_EQ(read(scratch.path("")), "--leg-key-file: " + scratch.path("") + " is not a regular file");
  for (const std::string contents : {"", "secretsecret", "zz", "\n"}) {
    const auto path = scratch.write("bad.key", contents);
    EXPECT_EQ(read(path), "--leg-key-file: " + path + " does not hold a key: 64 hexadecimal digits are expected");
  }
  const auto huge = scratch.write("huge.key", std::string(kMaxKeyFileBytes + 1, '0'));
  EXPECT_EQ(read(huge), "--leg-key-file: " + huge + " is larger than a key can be (64KiB)");
}

TEST(KeyFile, IsLookedUpAmongSystemdCredentialsFirst) {
  const ScratchDir credentials;
  credentials.write("leg.key", std::string(64, 'a'));
  const ScopedEnvironment directory("CREDENTIALS_DIRECTORY", credentials.path("."));
  EXPECT_EQ(read_key32("--k", {"leg.key"}).reveal_to_socket()[0], std::byte{0xaa});
  const ScratchDir elsewhere;
  const auto path = elsewhere.write("leg.key", std::string(64, 'b'));
  EXPECT_EQ(read_key32("--k", {path}).reveal_to_socket()[0], std::byte{0xbb}) << "an absolute path means what it says";
}

TEST(KeyFile, IsNoCredentialWhereItsNameLeadsElsewhere) {
  const ScratchDir credentials;
  std::filesystem::create_directory(credentials.path("inside"));
  credentials.write("leg.key", std::string(64, 'a'), 0440);
  const ScopedEnvironment directory("CREDENTIALS_DIRECTORY", credentials.path("inside"));
  EXPECT_EQ(refusal([&] { read_key32("--k", {"../leg.key"}); }),
            "--k: ../leg.key cannot be read: No such file or directory");
}

TEST(KeyFile, MayShowTheMaskOfAnAccessListWhereSystemdPutIt) {
  const ScratchDir credentials;
  credentials.write("leg.key", std::string(64, 'a'), 0440);
  credentials.write("open.key", std::string(64, 'a'), 0444);
  const ScopedEnvironment directory("CREDENTIALS_DIRECTORY", credentials.path("."));
  EXPECT_EQ(refusal([&] { read_key32("--k", {"leg.key"}); }), "accepted");
  EXPECT_NE(refusal([&] { read_key32("--k", {"open.key"}); }), "accepted");
  EXPECT_NE(refusal([&] { read_key32("--k", {credentials.path("leg.key")}); }), "accepted") << "an ordinary file";
}

TEST(KeyFile, IsCreatedForItsOwnerAndNeverOverAnother) {
  const ScratchDir scratch;
  const auto before = ::umask(0);
  create_key_file("--k", {scratch.path("new.key")}, "contents");
  ::umask(before);
  EXPECT_EQ(read_key_file("--k", {scratch.path("new.key")}).reveal_to_socket(), "contents");
  EXPECT_EQ(refusal([&] { create_key_file("--k", {scratch.path("new.key")}, "others"); }),
            "--k: " + scratch.path("new.key") +
                " cannot be created: File exists; it is never written over: name another file, or remove it");
  EXPECT_EQ(read_key_file("--k", {scratch.path("new.key")}).reveal_to_socket(), "contents");
}

TEST(KeyFile, IsMadeBesideItsNameAndNothingStaysThere) {
  const ScratchDir scratch;
  const auto names = [&] {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path(""))) out.insert(entry.path().filename());
    return out;
  };
  // Of a process with our number that was killed meanwhile.
  scratch.write("new.key.new-" + std::to_string(::getpid()), "half");
  create_key_file("--k", {scratch.path("new.key")}, "contents");
  EXPECT_EQ(names(), std::set<std::string>{"new.key"});
  EXPECT_NE(refusal([&] { create_key_file("--k", {scratch.path("new.key")}, "others"); }), "accepted");
  EXPECT_EQ(names(), std::set<std::string>{"new.key"});
}

TEST(PublicFile, ReplacesTheOldOneAtOnce) {
  const ScratchDir scratch;
  write_public_file("--o", {scratch.path("d.toml")}, "one");
  write_public_file("--o", {scratch.path("d.toml")}, "two");
  std::ifstream in(scratch.path("d.toml"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "two");
  EXPECT_FALSE(std::filesystem::exists(scratch.path("d.toml.new")));
}

}  // namespace
}  // namespace footbridge::ops
