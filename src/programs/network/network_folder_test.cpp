#include "programs/network/network_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::network {
namespace {

namespace fs = std::filesystem;

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const ops::UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(NetworkFolder, IsForItsOwnerAndNeverMadeOverAnother) {
  const ops::ScratchDir scratch;
  SeededRng rng(1);
  const ops::FilePath at{scratch.path("net")};
  {
    auto folder = NetworkFolder::create(at);
    folder.write_root(crypto::Ed25519Seed::random(rng));
    folder.write_directory(as_bytes("anything"));
  }
  EXPECT_EQ(static_cast<unsigned>(fs::status(at.path).permissions()), 0700U);
  for (const auto& entry : fs::directory_iterator(at.path)) {
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    EXPECT_EQ(mode, entry.path().filename() == "directory.signed" ? 0644U : 0600U) << entry.path();
  }
  EXPECT_NE(refusal([&] { NetworkFolder::create(at); }).find("is there already"), std::string::npos);
  EXPECT_NE(refusal([&] { NetworkFolder::open({scratch.path("other")}); }).find("footbridge network new"),
            std::string::npos);
}

TEST(NetworkFolder, HasOneCommandAtATime) {
  const ops::ScratchDir scratch;
  const ops::FilePath at{scratch.path("net")};
  SeededRng rng(1);
  {
    auto first = NetworkFolder::create(at);
    first.write_root(crypto::Ed25519Seed::random(rng));
    EXPECT_NE(refusal([&] { NetworkFolder::open(at); }).find("in use by another"), std::string::npos);
  }
  EXPECT_EQ(refusal([&] { NetworkFolder::open(at); }), "accepted");
}

TEST(NetworkFolder, RefusesARootKeyOfAnotherNetwork) {
  const ops::ScratchDir scratch;
  SeededRng rng(1);
  auto one = NetworkFolder::create({scratch.path("one")});
  auto two = NetworkFolder::create({scratch.path("two")});
  one.write_root(crypto::Ed25519Seed::random(rng));
  two.write_root(crypto::Ed25519Seed::random(rng));
  EXPECT_EQ(core::root_key(one.root_pair(std::nullopt)), one.root());
  EXPECT_NE(refusal([&] { one.root_pair(ops::FilePath{two.path("root.key")}); }).find("the root of another network"),
            std::string::npos);
  EXPECT_EQ(refusal([&] { one.root_pair(ops::FilePath{scratch.path("absent")}); }),
            "--root-key: " + scratch.path("absent") + " cannot be read: No such file or directory");
  fs::remove(one.path("root.key"));
  EXPECT_NE(refusal([&] { one.root_pair(std::nullopt); }).find("--root-key"), std::string::npos);
}

TEST(NetworkFolder, RefusesADirectoryKeyThatItsRootDidNotCertify) {
  const ops::ScratchDir scratch;
  SeededRng rng(1);
  auto folder = NetworkFolder::create({scratch.path("net")});
  folder.write_root(crypto::Ed25519Seed::random(rng));
  const auto seed = crypto::Ed25519Seed::random(rng);
  const wire::Certificate says{.directory_key = {crypto::Ed25519KeyPair::from(seed).public_key().raw},
                               .serial = 1,
                               .valid = {UnixSeconds{1}, UnixSeconds{2}}};
  folder.write_signer({seed, core::sign_certificate(folder.root_pair(std::nullopt), says)});
  EXPECT_EQ(folder.certificate(folder.signer()).serial, 1U);
  const auto other = crypto::Ed25519KeyPair::random(rng);
  folder.write_signer({seed, core::sign_certificate(other, says)});
  EXPECT_NE(refusal([&] { folder.certificate(folder.signer()); }).find("not certified"), std::string::npos);
}

TEST(NetworkFolder, IsMadeWhereNothingIsButALock) {
  const ops::ScratchDir scratch;
  const ops::FilePath at{scratch.path("net")};
  { auto left_by_one_that_failed = NetworkFolder::create(at); }
  EXPECT_EQ(refusal([&] { NetworkFolder::create(at); }), "accepted") << "the lock alone is no network";
  scratch.write("net/root.pub", "a network's");
  EXPECT_NE(refusal([&] { NetworkFolder::create(at); }).find("is there already"), std::string::npos);
}

TEST(NetworkFolder, KeepsALedgerOfFullSize) {
  const ops::ScratchDir scratch;
  SeededRng rng(1);
  auto folder = NetworkFolder::create({scratch.path("net")});
  InviteLedger ledger;
  const UnixSeconds now{wire::kMaxUnixSeconds - 10};
  for (std::size_t i = 0; i < kMaxLedgerEntries; ++i) {
    auto name = std::to_string(i);
    name.resize(48, '"');  // which takes the most room in the file
    ASSERT_TRUE(wire::is_network_name(name));
    ASSERT_EQ(ledger.add({.name = name,
                          .id = wire::InviteId::random(rng),
                          .made = now,
                          .until = UnixSeconds{wire::kMaxUnixSeconds},
                          .uses = wire::kMaxInviteUses,
                          .revoked = {}},
                         now),
              InviteLedger::Added::Yes);
  }
  for (std::size_t i = 0; i < kMaxLedgerEntries; ++i) ASSERT_TRUE(ledger.revoke(ledger.entries()[i].name, now));
  folder.write_ledger(ledger);
  EXPECT_GT(fs::file_size(folder.path("invites.toml")), ops::kMaxKeyFileBytes);
  const auto read = folder.ledger();
  ASSERT_EQ(read.entries().size(), kMaxLedgerEntries);
  EXPECT_EQ(read.text().reveal_to_socket(), ledger.text().reveal_to_socket());
}

// No file may grow beyond a few bytes. Exits with 7 if that is said.
[[noreturn]] void write_on_a_full_disk(NetworkFolder& folder) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{5, 5};
  ::setrlimit(RLIMIT_FSIZE, &little);
  const auto said = refusal([&] { folder.write_config("name = \"New\"\n"); });
  std::_Exit(said.find("cannot be written") != std::string::npos ? 7 : 8);
}

TEST(NetworkFolder, KeepsTheOldFileWhenTheNewOneDoesNotFit) {
  const ops::ScratchDir scratch;
  auto folder = NetworkFolder::create({scratch.path("net")});
  folder.write_config("name = \"Old\"\n");
  EXPECT_EXIT(write_on_a_full_disk(folder), ::testing::ExitedWithCode(7), "");
  EXPECT_EQ(folder.config().name, "Old");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(scratch.path("net"))) ++files;
  EXPECT_EQ(files, 2U) << "the file and the lock";
}

}  // namespace
}  // namespace footbridge::network
