#include "wire/netstate_report.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "wire/protobuf.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors(const char* of) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/netstate.json");
  return nlohmann::json::parse(file).at(of);
}
Bytes bytes_of(const nlohmann::json& vector) { return parse_hex(vector.at("hex").get<std::string>()).value(); }

Bytes report_named(const std::string& name) {
  for (const auto& v : vectors("reports"))
    if (v.at("name").get<std::string>() == name) return bytes_of(v);
  ADD_FAILURE() << "no vector " << name;
  return {};
}

template <class IdType>
IdType id_from(unsigned first) {
  IdType id;
  for (auto& b : id.raw) b = static_cast<std::byte>(first++);
  return id;
}

StateReport full_report() {
  return {.node = id_from<NodeName>(0x70),
          .role = NodeRole::Volunteer,
          .sequence = 7,
          .state = NodeState::Helping,
          .legs = {{id_from<EgressName>(0xe0), 3}, {id_from<EgressName>(0x20), 1}},
          .up_kib = 64,
          .down_kib = 6400,
          .tag = "berlin-2"};
}

TEST(StateReportFormat, WritesAndReadsWhatProtocWrites) {
  EXPECT_EQ(encode_state_report(full_report()), report_named("volunteer with every field"));
  EXPECT_EQ(parse_state_report(report_named("volunteer with every field")), full_report());
  const StateReport egress{.node = id_from<NodeName>(0x70),
                           .role = NodeRole::Egress,
                           .sequence = 1,
                           .sessions = 12,
                           .egress = id_from<EgressName>(0xe0)};
  EXPECT_EQ(encode_state_report(egress), report_named("egress"));
  EXPECT_EQ(parse_state_report(report_named("egress")), egress);
}

TEST(StateReportFormat, TakesAndRefusesWhatItsVectorsSay) {
  for (const auto& v : vectors("reports")) {
    const auto in = bytes_of(v);
    const auto read = parse_state_report(in);
    EXPECT_EQ(read.has_value(), v.at("valid").get<bool>()) << v.at("name");
    if (read) EXPECT_EQ(parse_state_report(encode_state_report(*read)), read) << v.at("name");
  }
}

TEST(StateReportFormat, KeepsNothingFinerThanAStepAndNothingItDoesNotKnow) {
  EXPECT_EQ(parse_state_report(report_named("bytes finer than a step"))->up_kib, 64U);
  const auto read = parse_state_report(report_named("where people come from, which is not asked for")).value();
  EXPECT_EQ(encode_state_report(read), report_named("smallest report"));
}

TEST(StateReportFormat, FitsWithEveryBoundReached) {
  auto large = full_report();
  large.sequence = UINT64_MAX;
  large.legs.assign(kMaxReportLegs, {id_from<EgressName>(1), kMaxReportedCount});
  large.up_kib = large.down_kib = kMaxReportedKib;
  large.tag = std::string(kMaxTagChars, 'x');
  const auto written = encode_state_report(large);
  EXPECT_LT(written.size(), kMaxStateReportBytes / 2) << "half is left for fields of a later time";
  EXPECT_EQ(parse_state_report(written), large);
}

TEST(SignedReportFormat, KeepsTheBytesThatWereSigned) {
  for (const auto& v : vectors("signed")) {
    const auto in = bytes_of(v);
    const auto read = parse_signed_report(in);
    if (v.at("name").get<std::string>() == "cut") {
      EXPECT_FALSE(read);
      continue;
    }
    ASSERT_TRUE(read) << v.at("name");
    EXPECT_EQ(encode_signed_report(*read), in) << v.at("name");
  }
}

TEST(ReporterChainFormat, IsTheSameWhenWrittenAgain) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/netstate.json");
  const auto in = parse_hex(nlohmann::json::parse(file).at("chain").get<std::string>()).value();
  const auto read = parse_reporter_chain(in).value();
  EXPECT_EQ(encode_reporter_chain(read), in);
  EXPECT_EQ(encode_reporter_certificate(parse_reporter_certificate(read.certificate).value()), read.certificate);
}

// The same with a field of a later time, which makes it so long.
Bytes stretched(Bytes message, std::size_t bytes) {
  for (std::size_t most = bytes; most > 0; --most) {
    auto longer = message;
    ProtoWriter(longer).bytes(15, Bytes(most, std::byte{1}));
    if (longer.size() == bytes) return longer;
  }
  ADD_FAILURE() << "is longer already";
  return {};
}

TEST(NetstateFormats, AreReadUpToTheirBoundAndNotBeyond) {
  const auto chain = encode_reporter_chain(
      {.directory_key = {Bytes(52, std::byte{1}), {}}, .certificate = Bytes(44, std::byte{1}), .signature = {}});
  const auto is_read_up_to = [](std::size_t most, const Bytes& message, const auto& parse) {
    return parse(stretched(message, most)) && !parse(stretched(message, most + 1));
  };
  EXPECT_TRUE(is_read_up_to(kMaxStateReportBytes, encode_state_report(full_report()), parse_state_report));
  EXPECT_TRUE(is_read_up_to(kMaxReporterCertificateBytes,
                            encode_reporter_certificate({.key = {}, .until = UnixSeconds{1}}),
                            parse_reporter_certificate));
  EXPECT_TRUE(is_read_up_to(kMaxReporterChainBytes, chain, parse_reporter_chain));
  EXPECT_TRUE(is_read_up_to(kMaxSignedReportBytes,
                            encode_signed_report({.report = Bytes(1), .time = {}, .signature = {}, .chain = chain}),
                            parse_signed_report));
  EXPECT_TRUE(is_read_up_to(kMaxReportBatchBytes, encode_report_batch({Bytes(1)}), parse_report_batch));
}

TEST(ReportBatchFormat, CountsAndRefusesAsItsVectorsSay) {
  for (const auto& v : vectors("batches")) {
    const auto in = bytes_of(v);
    const auto read = parse_report_batch(in);
    EXPECT_EQ(read ? read->size() : 0, v.at("reports").get<std::size_t>()) << v.at("name");
    if (!read) continue;
    std::vector<Bytes> again;
    for (const auto one : *read) again.push_back(to_bytes(one));
    EXPECT_EQ(encode_report_batch(again), in) << v.at("name");
  }
  EXPECT_TRUE(parse_report_batch(encode_report_batch({Bytes(kMaxSignedReportBytes, std::byte{1})})));
  EXPECT_FALSE(parse_report_batch(encode_report_batch({Bytes(kMaxSignedReportBytes + 1, std::byte{1})})));
}

TEST(Tags, AreWordsAndNeverAddresses) {
  for (const auto* good : {"a", "berlin-2", "2-of-3", "abcdefghijklmnop", "-", "2026-11-22", "cafe-deadbee"})
    EXPECT_TRUE(is_tag(good)) << good;
  for (const auto* bad : {"", "192-0-2-1", "192.0.2.1", "::1", "A", "a_b", "abcdefghijklmnopq", "a1b2c3d4", "c0000201",
                          "x-c0000201-x", "3221225985", "deadbeef"})
    EXPECT_FALSE(is_tag(bad)) << bad;
}

TEST(NodeRoles, HaveOneNameEach) {
  for (std::size_t i = 1; i <= kNodeRoles; ++i) {
    const auto role = static_cast<NodeRole>(i);
    EXPECT_EQ(role_named(name(role)), role);
  }
  EXPECT_FALSE(role_named("client")) << "clients report nothing";
}

}  // namespace
}  // namespace footbridge::wire
