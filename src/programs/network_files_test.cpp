#include "programs/network_files.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "core/network/directory_chain.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

struct NetworkFilesTest : testing::Test {
  static constexpr UnixSeconds kNow{1'800'000'000};
  ops::ScratchDir dir;
  SeededRng rng{1};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::random(rng));
  crypto::Ed25519KeyPair signer = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::random(rng));
  std::vector<BrokerSecret> keys = renewed({}, kNow, rng);
  ops::FilePath folder{dir.path("")};

  NetworkFilesTest() {
    write("obfuscation.key", std::string(64, 'a') + "\n");
    write("broker-one.keys", broker_keys_text(keys).reveal_to_socket());
    write_directory({"one"});
  }
  void write(const std::string& name, std::string_view contents) {
    ops::replace_key_file("--network", {dir.path(name)}, contents);
  }
  void write_directory(const std::vector<std::string>& brokers) {
    const wire::Validity valid{kNow, UnixSeconds{count(kNow) + 1000}};
    const auto certificate = core::sign_certificate(root, {{signer.public_key().raw}, 1, valid});
    wire::Directory directory{.version = 3, .valid = valid, .egresses = {}, .brokers = {}};
    for (const auto& name : brokers)
      directory.brokers.push_back(
          {name, {{Private<std::string>("https://broker.example/"), {}, {}}}, announced(keys, kNow)});
    write("directory.signed", as_text(core::sign_directory(signer, certificate, directory)));
  }
  // What a person would be told; empty: it can be used.
  std::string complaint(const std::optional<std::string>& name = std::nullopt) {
    try {
      const auto files = read_network_files("--network", folder);
      EXPECT_FALSE(read_broker_keys("--network", folder, broker_name("--network", files.directory, name)).empty());
      return "";
    } catch (const ops::UsageError& error) {
      return error.what();
    }
  }
  bool complains(std::string_view part, const std::optional<std::string>& name = std::nullopt) {
    const auto said = complaint(name);
    return said.find(part) != std::string::npos || (ADD_FAILURE() << said, false);
  }
};

TEST_F(NetworkFilesTest, ReadsWhatABrokerNeedsAndNoRoot) {
  EXPECT_EQ(complaint(), "");
  const auto files = read_network_files("--network", folder);
  EXPECT_EQ(files.directory.version, 3U);
  EXPECT_EQ(encode_hex(files.obfuscation.reveal_to_primitive()), std::string(64, 'a'));
}

TEST_F(NetworkFilesTest, BelievesTheRootThatLiesBesideIt) {
  write("root.pub", encode_hex(root.public_key().view()) + "\n");
  EXPECT_EQ(complaint(), "");
  write("root.pub", encode_hex(signer.public_key().view()) + "\n");
  EXPECT_TRUE(complains("is not one of the network"));
}

TEST_F(NetworkFilesTest, SaysWhichFileIsWrong) {
  write("directory.signed", "nonsense");
  EXPECT_TRUE(complains("directory.signed is not a signed directory"));
  std::filesystem::remove(dir.path("directory.signed"));
  EXPECT_TRUE(complains("directory.signed cannot be read"));
  write_directory({"one"});
  write("obfuscation.key", "short");
  EXPECT_TRUE(complains("obfuscation.key"));
  write("obfuscation.key", std::string(64, 'a'));
  std::filesystem::remove(dir.path("broker-one.keys"));
  EXPECT_TRUE(complains("broker-one.keys"));
}

TEST_F(NetworkFilesTest, AsksWhichOfSeveralBrokersItIs) {
  write_directory({"one", "two"});
  EXPECT_TRUE(complains("several brokers; say with --name which this is: one, two"));
  EXPECT_EQ(complaint("one"), "");
  EXPECT_TRUE(complains("no broker of that name; it has one, two", "three"));
  write_directory({"one"});
  EXPECT_TRUE(complains("no broker of that name", "three"));
}

TEST_F(NetworkFilesTest, NoticesEachChange) {
  auto seen = network_files_state(folder);
  EXPECT_EQ(network_files_state(folder), seen);
  write_directory({"one"});
  EXPECT_NE(network_files_state(folder), seen);
  seen = network_files_state(folder);
  write("broker-one.keys", broker_keys_text(keys).reveal_to_socket());
  EXPECT_NE(network_files_state(folder), seen);
}

}  // namespace
}  // namespace footbridge
