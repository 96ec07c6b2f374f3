#include "core/netstate/reporter_chain.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/encoding.hpp"
#include "core/netstate/egress_name.hpp"
#include "core/network/directory_chain.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kStart = 1'800'000'000;

struct Operator {
  SeededRng rng{7};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair directory_key = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair reporter = crypto::Ed25519KeyPair::random(rng);
  wire::SignedCertificate certificate =
      sign_certificate(root, {{directory_key.public_key().raw}, 3, {UnixSeconds{kStart}, UnixSeconds{kStart + 1000}}});

  Bytes chain(wire::NodeRole role, std::uint64_t until) {
    return make_reporter_chain(directory_key, certificate, {{reporter.public_key().raw}, role, UnixSeconds{until}});
  }
};

TEST(ReporterChain, SaysWhoMayReportAsWhatAndUntilWhen) {
  Operator op;
  const auto read = open_reporter_chain(root_key(op.root), op.chain(wire::NodeRole::Broker, kStart + 500));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->key.raw, op.reporter.public_key().raw);
  EXPECT_EQ(read->role, wire::NodeRole::Broker);
  EXPECT_EQ(read->serial, 3U);
  EXPECT_EQ(read->valid, (wire::Validity{UnixSeconds{kStart}, UnixSeconds{kStart + 500}}));
}

TEST(ReporterChain, EndsNoLaterThanTheKeyThatSignedIt) {
  Operator op;
  const auto read = open_reporter_chain(root_key(op.root), op.chain(wire::NodeRole::Broker, kStart + 9'000));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->valid.until, UnixSeconds{kStart + 1000});
}

TEST(ReporterChain, IsForeignUnderAnotherRootAndWhenAnyByteIsChanged) {
  Operator op;
  SeededRng rng{8};
  const auto chain = op.chain(wire::NodeRole::Volunteer, kStart + 500);
  const auto stranger = crypto::Ed25519KeyPair::random(rng);
  EXPECT_EQ(open_reporter_chain(root_key(stranger), chain).error(), ReportRefusal::Foreign);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    auto changed = chain;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(open_reporter_chain(root_key(op.root), changed).ok()) << "byte " << i;
  }
}

TEST(ReporterChain, SignsAReportWithItsTime) {
  Operator op;
  const auto chain = op.chain(wire::NodeRole::Volunteer, kStart + 500);
  const wire::StateReport report{.node = wire::NodeName::random(op.rng), .sequence = 1};
  auto read =
      wire::parse_signed_report(sign_state_report(op.reporter, chain, report, UnixMillis{kStart * 1000})).value();
  const wire::ReporterKey key{op.reporter.public_key().raw};
  EXPECT_TRUE(is_signed_by(key, read));
  EXPECT_EQ(wire::parse_state_report(read.report), report);
  EXPECT_EQ(read.chain, chain);
  auto later = read;
  later.time = UnixMillis{kStart * 1000 + 1};
  EXPECT_FALSE(is_signed_by(key, later)) << "the time is signed, too";
  read.report.back() ^= std::byte{1};
  EXPECT_FALSE(is_signed_by(key, read));
}

TEST(EgressNames, AreAsTheirVectorsSayAndNothingWithoutTheSalt) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/netstate.json");
  const auto all = nlohmann::json::parse(file);
  std::set<std::string> names;
  for (const auto& v : all.at("egress_names")) {
    const auto bytes = [&](const char* key) { return parse_hex(v.at(key).get<std::string>()).value(); };
    const auto salt = NetstateSalt::from(bytes("salt")).value();
    const auto pin = wire::SpkiSha256::from(bytes("pin")).value();
    EXPECT_EQ(encode_hex(egress_name(salt, pin).view()), v.at("name").get<std::string>());
    names.insert(v.at("name").get<std::string>());
  }
  EXPECT_EQ(names.size(), all.at("egress_names").size()) << "another salt, another name";
}

}  // namespace
}  // namespace footbridge::core
