#include "core/network/personal_compartment.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "base/encoding.hpp"
#include "base/rng.hpp"

namespace footbridge::core {
namespace {

const nlohmann::json& file() {
  static const auto tree = nlohmann::json::parse(std::ifstream(FB_SOURCE_DIR "/tests/vectors/network.json"));
  return tree;
}

template <class IdType>
IdType id_in(const nlohmann::json& v, const char* key) {
  return IdType::from(parse_hex(v.at(key).get<std::string>()).value()).value();
}

// Made by Python with an Ed25519 and a BLAKE2b that are not ours.
TEST(PersonalCompartment, SignsAsAnIndependentImplementationDoes) {
  const auto& v = file().at("announcing");
  const auto seed = parse_hex(v.at("seed").get<std::string>()).value();
  const auto key = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::from(seed).value());
  const auto invite = id_in<wire::InviteId>(v, "invite");
  EXPECT_EQ(compartment_of(key.public_key()), id_in<wire::CompartmentId>(v, "compartment"));
  EXPECT_EQ(sign_announcing(key, invite), id_in<wire::Announcing>(v, "announcing"));
}

TEST(PersonalCompartment, IsAnnouncedIntoByWhoHasItsSignatureForHisOwnInvite) {
  SeededRng rng(5);
  const auto key = crypto::Ed25519KeyPair::random(rng);
  const auto other = crypto::Ed25519KeyPair::random(rng);
  const auto id = compartment_of(key.public_key());
  const auto invite = wire::InviteId::random(rng);
  const auto announcing = sign_announcing(key, invite);
  EXPECT_TRUE(may_announce(announcing, id, invite));
  EXPECT_FALSE(may_announce(announcing, id, wire::InviteId::random(rng))) << "somebody else's invite";
  EXPECT_FALSE(may_announce(announcing, compartment_of(other.public_key()), invite)) << "another compartment";
  EXPECT_FALSE(may_announce(sign_announcing(other, invite), id, invite)) << "a key of one's own";
  for (std::size_t i = 0; i < announcing.raw.size(); ++i) {
    auto changed = announcing;
    changed.raw[i] ^= std::byte{4};
    EXPECT_FALSE(may_announce(changed, id, invite)) << i;
  }
}

TEST(BrokerOrder, IsWhatItsVectorsSay) {
  for (const auto& v : file().at("broker_orders")) {
    const auto names = v.at("brokers").get<std::vector<std::string>>();
    std::vector<std::string> ordered;
    for (const auto i : broker_order(id_in<wire::CompartmentId>(v, "compartment"), names)) ordered.push_back(names[i]);
    EXPECT_EQ(ordered, v.at("order").get<std::vector<std::string>>()) << v.at("compartment");
  }
}

TEST(BrokerOrder, DoesNotDependOnHowTheDirectoryListsThem) {
  SeededRng rng(6);
  const std::vector<std::string> some{"one", "two", "three"};
  const std::vector<std::string> turned{"three", "one", "two"};
  std::set<std::string> firsts;
  for (int i = 0; i < 50; ++i) {
    const auto id = wire::CompartmentId::random(rng);
    EXPECT_EQ(some[broker_order(id, some).front()], turned[broker_order(id, turned).front()]);
    firsts.insert(some[broker_order(id, some).front()]);
  }
  EXPECT_EQ(firsts.size(), 3U) << "compartments are spread over all";
}

TEST(BrokerOrder, MovesOnlyThoseWhoseBrokerIsGone) {
  SeededRng rng(7);
  const std::vector<std::string> all{"one", "two", "three"};
  const std::vector<std::string> left{"one", "three"};
  for (int i = 0; i < 50; ++i) {
    const auto id = wire::CompartmentId::random(rng);
    const auto before = broker_order(id, all);
    const auto after = left[broker_order(id, left).front()];
    EXPECT_EQ(after, all[before[all[before[0]] == "two" ? 1 : 0]]);
  }
}

}  // namespace
}  // namespace footbridge::core
