#include "core/network/directory_keeper.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/rng.hpp"

namespace footbridge::core {
namespace {

using Age = DirectoryKeeper::Age;
using Taken = DirectoryKeeper::Taken;

constexpr std::uint64_t kHour = 3'600;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kStart = 1'800'000'000;
UnixSeconds at(std::uint64_t seconds) { return UnixSeconds{kStart + seconds}; }

// An operator with a root, and as many directory keys as he certifies.
struct Operator {
  SeededRng rng{11};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair key = crypto::Ed25519KeyPair::random(rng);
  wire::SignedCertificate certificate;

  Operator() { certify(1); }
  void certify(std::uint64_t serial, std::uint64_t until = 30 * kDay) {
    certificate = sign_certificate(root, {{key.public_key().raw}, serial, {at(0), at(until)}});
  }
  void rotate(std::uint64_t serial) {
    key = crypto::Ed25519KeyPair::random(rng);
    certify(serial);
  }
  // Valid for two days from `from` on.
  Bytes directory(std::uint64_t version, std::uint64_t from = 0, std::string server = "stun.example:1") {
    wire::Directory out{.version = version, .valid = {at(from), at(from + 2 * kDay)}};
    out.stun_servers.push_back(Private<std::string>(std::move(server)));
    return sign_directory(key, certificate, out);
  }
};

DirectoryKeeper keeper_of(const Operator& op) { return DirectoryKeeper(root_key(op.root)); }

TEST(DirectoryKeeper, SaysOfEachVectorWhatBecomesOfIt) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/network.json");
  const auto tree = nlohmann::json::parse(file);
  const auto root = wire::RootKey::from(parse_hex(tree.at("root_key").get<std::string>()).value()).value();
  for (const auto& v : tree.at("chain")) {
    DirectoryKeeper keeper(root);
    const auto taken =
        keeper.take(UnixSeconds{v.at("now").get<std::uint64_t>()}, parse_hex(v.at("hex").get<std::string>()).value());
    const auto becomes = v.at("becomes").get<std::string>();
    EXPECT_EQ(taken.ok() ? "accepted" : name(taken.error()), becomes) << v.at("name");
    EXPECT_EQ(keeper.kept().empty(), !taken.ok()) << v.at("name");
  }
}

TEST(DirectoryKeeper, SignsAsAnIndependentImplementationDoes) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/network.json");
  const auto tree = nlohmann::json::parse(file);
  const auto pair_of = [&](const char* seed) {
    return crypto::Ed25519KeyPair::from(
        crypto::Ed25519Seed::from(parse_hex(tree.at(seed).get<std::string>()).value()).value());
  };
  for (const auto& v : tree.at("vectors")) {
    if (v.at("name") != "signed directory") continue;
    const auto bytes = parse_hex(v.at("hex").get<std::string>()).value();
    const auto parts = wire::parse_signed_directory(bytes).value();
    const auto certificate =
        sign_certificate(pair_of("root_seed"), wire::parse_certificate(parts.certificate.certificate).value());
    EXPECT_EQ(sign_directory(pair_of("directory_seed"), certificate, wire::parse_directory(parts.directory).value()),
              bytes);
  }
}

TEST(DirectoryKeeper, TakesTheNextAndNeverAnEarlierOne) {
  Operator op;
  auto keeper = keeper_of(op);
  const auto first = op.directory(4);
  const auto second = op.directory(5, kDay);
  EXPECT_EQ(keeper.take(at(10), first).value(), Taken::New);
  EXPECT_EQ(keeper.take(at(11), first).value(), Taken::Known);
  EXPECT_EQ(keeper.take(at(kDay), second).value(), Taken::New);
  EXPECT_EQ(keeper.take(at(kDay), first).error(), DirectoryRefusal::Backwards);
  EXPECT_EQ(keeper.serving(at(kDay))->version, 5U);
  EXPECT_TRUE(std::ranges::equal(keeper.kept(), second));
}

TEST(DirectoryKeeper, KeepsTheFirstOfTwoWithOneNumber) {
  Operator op;
  auto keeper = keeper_of(op);
  EXPECT_TRUE(keeper.take(at(10), op.directory(4)).ok());
  EXPECT_EQ(keeper.take(at(10), op.directory(4, 0, "other.example:1")).error(), DirectoryRefusal::Conflict);
  EXPECT_EQ(keeper.serving(at(10))->stun_servers.front().reveal_to_socket(), "stun.example:1");
}

TEST(DirectoryKeeper, GivesAThiefOfTheDirectoryKeyNoLaterWord) {
  Operator op;
  auto keeper = keeper_of(op);
  EXPECT_TRUE(keeper.take(at(10), op.directory(UINT64_MAX)).ok()) << "the thief uses the numbers up";
  const auto stolen = op;
  op.rotate(2);
  EXPECT_EQ(keeper.take(at(20), op.directory(1)).value(), Taken::New) << "a new certificate counts anew";
  auto thief = stolen;
  EXPECT_EQ(keeper.take(at(30), thief.directory(UINT64_MAX)).error(), DirectoryRefusal::Superseded);
  EXPECT_EQ(keeper.serving(at(30))->version, 1U);
}

TEST(DirectoryKeeper, TakesNoSecondKeyUnderOneSerial) {
  Operator op;
  auto keeper = keeper_of(op);
  EXPECT_TRUE(keeper.take(at(10), op.directory(1)).ok());
  op.rotate(1);
  EXPECT_EQ(keeper.take(at(10), op.directory(2)).error(), DirectoryRefusal::Conflict);
}

TEST(DirectoryKeeper, ServesADayBeyondItsEndAndTakesNothingThatIsStale) {
  Operator op;
  auto keeper = keeper_of(op);
  EXPECT_EQ(keeper.age(at(0)), Age::None);
  EXPECT_FALSE(keeper.serving(at(0)));
  ASSERT_TRUE(keeper.take(at(10), op.directory(1)).ok());
  EXPECT_EQ(keeper.age(at(2 * kDay - 1)), Age::Current);
  EXPECT_EQ(keeper.age(at(2 * kDay)), Age::Stale);
  EXPECT_TRUE(keeper.serving(at(3 * kDay - 1)));
  EXPECT_EQ(keeper.age(at(3 * kDay)), Age::TooOld);
  EXPECT_FALSE(keeper.serving(at(3 * kDay)));
  EXPECT_EQ(keeper.take(at(3 * kDay), op.directory(2, kDay)).error(), DirectoryRefusal::Expired);
}

TEST(DirectoryKeeper, ServesNeverBeyondItsCertificate) {
  Operator op;
  op.certify(1, 2 * kDay + kHour);
  auto keeper = keeper_of(op);
  ASSERT_TRUE(keeper.take(at(10), op.directory(1)).ok());
  EXPECT_EQ(keeper.serves_until(), at(2 * kDay + kHour));
  EXPECT_EQ(keeper.age(at(2 * kDay + kHour)), Age::TooOld);
}

// U32, U33: what was written down, or came with the program, works without asking anybody.
TEST(DirectoryKeeper, ServesWhatWasWrittenDownWithoutAFetch) {
  Operator op;
  auto keeper = keeper_of(op);
  ASSERT_TRUE(keeper.restore(op.directory(3)).ok());
  EXPECT_EQ(keeper.age(at(kDay)), Age::Current);
  EXPECT_EQ(keeper.serving(at(2 * kDay + kHour))->version, 3U) << "stale, and still better than nothing";
}

TEST(DirectoryKeeper, RemembersFromOneThatIsTooOldWhichOthersAreOlder) {
  Operator op;
  auto keeper = keeper_of(op);
  ASSERT_TRUE(keeper.restore(op.directory(9)).ok());
  EXPECT_FALSE(keeper.serving(at(20 * kDay)));
  EXPECT_EQ(keeper.take(at(20 * kDay), op.directory(8, 20 * kDay)).error(), DirectoryRefusal::Backwards);
  EXPECT_TRUE(keeper.take(at(20 * kDay), op.directory(10, 20 * kDay)).ok());
}

TEST(DirectoryKeeper, RestoresNothingThatSomebodyElseWrote) {
  Operator op;
  auto keeper = keeper_of(op);
  auto changed = op.directory(1);
  changed[changed.size() / 2] ^= std::byte{1};
  EXPECT_FALSE(keeper.restore(changed).ok());
  EXPECT_EQ(keeper.age(at(0)), Age::None);
}

TEST(DirectoryKeeper, BelievesNoDirectoryWithAnyBitChanged) {
  Operator op;
  const auto genuine = op.directory(1);
  for (std::size_t i = 0; i < genuine.size(); ++i) {
    auto changed = genuine;
    changed[i] ^= static_cast<std::byte>(1U << (i % 8));
    auto keeper = keeper_of(op);
    EXPECT_FALSE(keeper.take(at(10), changed).ok()) << i;
  }
}

}  // namespace
}  // namespace footbridge::core
