#include "programs/network_source.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "core/network/signed_invite.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

constexpr std::uint64_t kHour = 3600;

// A network that is `ahead` seconds ahead of this machine's clock.
struct Network {
  explicit Network(std::uint64_t seed, std::uint64_t ahead = 0)
      : rng(seed), from(count(io::unix_now()) - 60 + ahead), valid{at(0), at(24 * kHour)} {}
  UnixSeconds at(std::uint64_t seconds) const { return UnixSeconds{from + seconds}; }
  wire::Invite invite(std::string name) {
    wire::Invite out{.network = std::move(name),
                     .root = core::root_key(root),
                     .brokers = {},
                     .obfuscation = {},
                     .id = wire::InviteId::random(rng),
                     .compartment = {},
                     .until = at(kHour),
                     .certificate = core::sign_certificate(root, {{key.public_key().raw}, 1, valid}),
                     .made = at(0),
                     .announcing = {},
                     .content = {},
                     .signature = {}};
    out.brokers.push_back({Private<std::string>("https://broker.example/"), {}});
    return core::sign_invite(key, std::move(out));
  }
  Bytes directory(std::uint64_t version) {
    const auto certificate = core::sign_certificate(root, {{key.public_key().raw}, 1, valid});
    return core::sign_directory(key, certificate, {.version = version, .valid = valid});
  }
  SeededRng rng;
  std::uint64_t from;
  wire::Validity valid;
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair key = crypto::Ed25519KeyPair::random(rng);
};

class NetworkSourceTest : public testing::Test {
 protected:
  NetworkSourceTest() { link.state_dir = ops::FilePath{scratch.path("state")}; }
  void join(Network& network, std::string name) {
    static_cast<void>(JoinedNetworks(scratch.path("state")).join(network.invite(std::move(name))));
  }
  // The name of what was chosen; empty: none; else what the person is told.
  std::string chosen(bool required = true) {
    try {
      const auto source = joined_source(ways, link, required);
      return source ? source->invite().network : "";
    } catch (const ops::UsageError& error) {
      return error.what();
    }
  }
  const ops::ScratchDir scratch;
  WayOptions ways;
  LinkOptions link;
};

TEST_F(NetworkSourceTest, IsTheOnlyNetworkThatWasJoined) {
  EXPECT_NE(chosen().find("footbridge join"), std::string::npos) << "a person is told how to get one";
  EXPECT_EQ(chosen(false), "");
  Network one(1);
  join(one, "One");
  EXPECT_EQ(chosen(), "One");
  ways.broker.assign(1, Private(ops::ValueType<ops::HttpUrl>::parse("http://127.0.0.1:1/").value()));
  EXPECT_EQ(chosen(), "") << "the options say where to go";
}

TEST_F(NetworkSourceTest, IsAskedForWhereSeveralWereJoined) {
  Network one(1);
  Network two(2);
  join(one, "One");
  join(two, "Two");
  EXPECT_NE(chosen().find("say which"), std::string::npos);
  EXPECT_EQ(chosen(false), "") << "nobody is led into one by chance";
  ways.network = "Two";
  EXPECT_EQ(chosen(), "Two");
  ways.network = encode_hex(core::root_key(one.root).view()).substr(0, 8);
  EXPECT_EQ(chosen(false), "One");
  ways.network = "Three";
  EXPECT_NE(chosen(false).find("name one of these"), std::string::npos);
}

TEST_F(NetworkSourceTest, KeepsWhatItTakesAndSaysThatItChanged) {
  Network network(1);
  join(network, "One");
  auto source = joined_source(ways, link, true).value();
  const auto before = source.state();
  EXPECT_FALSE(source.serves());
  ASSERT_TRUE(source.take(network.directory(5)).ok());
  EXPECT_NE(source.state(), before);
  const auto after = source.state();
  ASSERT_TRUE(source.take(network.directory(5)).ok());
  EXPECT_EQ(source.state(), after) << "the same one again";
  EXPECT_FALSE(source.take(network.directory(4)).ok());
  EXPECT_TRUE(joined_source(ways, link, true)->serves()) << "the next start finds it";
}

TEST_F(NetworkSourceTest, JudgesByTheClockThatBrokersSetRight) {
  Network network(1, 6 * kHour);
  join(network, "One");
  auto source = joined_source(ways, link, true).value();
  EXPECT_FALSE(source.take(network.directory(5)).ok()) << "from the future";
  core::AskerClock clock;
  clock.heard(io::unix_now(), network.at(60));
  source.use_clock(clock);
  ASSERT_TRUE(source.take(network.directory(5)).ok());
  EXPECT_TRUE(source.serves());
}

}  // namespace
}  // namespace footbridge
