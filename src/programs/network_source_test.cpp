#include "programs/network_source.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/made_network.hpp"

namespace footbridge {
namespace {

constexpr std::uint64_t kHour = 3600;

// A network that is `ahead` seconds ahead of this machine's clock.
MadeNetwork made(std::uint64_t seed, std::uint64_t ahead = 0) {
  return {seed, UnixSeconds{count(io::unix_now()) - 60 + ahead}, 24 * kHour};
}

class NetworkSourceTest : public testing::Test {
 protected:
  NetworkSourceTest() { link.state_dir = ops::FilePath{scratch.path("state")}; }
  void join(MadeNetwork& network, std::string name) {
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
  auto one = made(1);
  join(one, "One");
  EXPECT_EQ(chosen(), "One");
  ways.broker.assign(1, Private(ops::ValueType<ops::HttpUrl>::parse("http://127.0.0.1:1/").value()));
  EXPECT_EQ(chosen(), "") << "the options say where to go";
}

TEST_F(NetworkSourceTest, IsAskedForWhereSeveralWereJoined) {
  auto one = made(1);
  auto two = made(2);
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
  auto network = made(1);
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
  auto network = made(1, 6 * kHour);
  join(network, "One");
  auto source = joined_source(ways, link, true).value();
  EXPECT_FALSE(source.take(network.directory(5)).ok()) << "from the future";
  core::AskerClock clock;
  clock.heard(io::unix_now(), UnixSeconds{count(network.valid.from) + 60});
  source.use_clock(clock);
  ASSERT_TRUE(source.take(network.directory(5)).ok());
  EXPECT_TRUE(source.serves());
}

}  // namespace
}  // namespace footbridge
