#include "core/nat/nat_cache.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

const IpAddress kHome = *IpAddress::parse("192.168.1.5");
const IpAddress kOther = *IpAddress::parse("192.168.1.6");
const IpAddress kOutside = *IpAddress::parse("11.0.0.1");
const NatReport kReport{.nat = {wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::Unknown}, .heard = true};

TEST(NatCache, RemembersANetworkAndNoOther) {
  SeededRng rng(1);
  NatCache cache(rng);
  const auto key = cache.key_of({kHome, kOther}, kOutside);
  cache.keep({}, key, kReport);
  EXPECT_EQ(cache.find({}, cache.key_of({kOther, kHome}, kOutside)), kReport) << "in whatever order they are listed";
  EXPECT_FALSE(cache.find({}, cache.key_of({kHome}, kOutside)));
  EXPECT_FALSE(cache.find({}, cache.key_of({kHome, kOther}, kOther))) << "the same inside, behind another router";
}

TEST(NatCache, ForgetsAfterSixHours) {
  SeededRng rng(1);
  NatCache cache(rng);
  const auto key = cache.key_of({kHome}, kOutside);
  cache.keep({}, key, kReport);
  EXPECT_TRUE(cache.find(TimePoint{kNatReportLife} - Millis{1}, key));
  EXPECT_FALSE(cache.find(TimePoint{kNatReportLife}, key));
}

TEST(NatCache, HoldsTheLatestEight) {
  SeededRng rng(1);
  NatCache cache(rng);
  for (std::uint32_t i = 0; i <= kMaxNatNetworks; ++i)
    cache.keep({}, cache.key_of({IpAddress::v4(i)}, kOutside), kReport);
  EXPECT_EQ(cache.size(), kMaxNatNetworks);
  EXPECT_FALSE(cache.find({}, cache.key_of({IpAddress::v4(0)}, kOutside)));
  EXPECT_TRUE(cache.find({}, cache.key_of({IpAddress::v4(kMaxNatNetworks)}, kOutside)));
}

TEST(NatCache, HasAnotherKeyInEveryProcess) {
  SeededRng one(1);
  SeededRng two(2);
  EXPECT_NE(NatCache(one).key_of({kHome}, kOutside), NatCache(two).key_of({kHome}, kOutside));
}

}  // namespace
}  // namespace footbridge::core
