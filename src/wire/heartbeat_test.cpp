#include "wire/heartbeat.hpp"

#include <gtest/gtest.h>

#include "wire/protobuf.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::wire {
namespace {

EgressReport full_report() {
  SeededRng rng(1);
  EgressReport report{BootEpoch::random(rng), 77, UnixSeconds{1'800'000'000}, LoadClass::High, true, 5, {}};
  while (report.receipts.size() < kMaxReportReceipts)
    report.receipts.push_back(
        {ProxyMark::random(rng), rng.between(0, 1) == 1, static_cast<std::uint8_t>(rng.between(0, kMaxReceiptLog2))});
  return report;
}

TEST(Heartbeat, ReadsWhatItWrote) {
  const auto report = full_report();
  const auto bytes = encode_egress_report(report);
  EXPECT_LT(bytes.size(), kMaxHeartbeatBytes / 2);
  const auto read = parse_egress_report(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode_egress_report(*read), bytes);
  EXPECT_EQ(read->receipts, report.receipts);
  const ReportAnswer answer{report.boot, 77, ReportVerdict::Stale, 90};
  const auto told = parse_report_answer(encode_report_answer(answer));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->boot, report.boot);
  EXPECT_EQ(told->sequence, 77U);
  EXPECT_EQ(told->verdict, ReportVerdict::Stale);
  EXPECT_EQ(told->last_sequence, 90U);
}

TEST(Heartbeat, RefusesEveryBoundThatIsBroken) {
  auto one_more = encode_egress_report(full_report());
  append(one_more, encode_egress_report({.boot = full_report().boot, .receipts = {Receipt{}}}));
  EXPECT_FALSE(parse_egress_report(one_more)) << "as protobuf has it, repeated fields add up";
  const auto with = [](std::uint32_t field, std::uint64_t value) {
    auto bytes = encode_egress_report({.boot = full_report().boot});
    ProtoWriter(bytes).message(7, [&](ProtoWriter& w) { w.bytes(1, Bytes(16)).integer(field, value); });
    return parse_egress_report(bytes).has_value();
  };
  EXPECT_TRUE(with(3, kMaxReceiptLog2));
  EXPECT_FALSE(with(3, kMaxReceiptLog2 + 1));
  EXPECT_FALSE(parse_egress_report({})) << "no boot epoch";
  EXPECT_FALSE(parse_report_answer({}));
  Bytes nobody;
  ProtoWriter(nobody).bytes(1, Bytes(8));
  EXPECT_FALSE(parse_egress_report(nobody)) << "all zero means that none is known";
  Bytes no_proxy = encode_egress_report({.boot = full_report().boot});
  ProtoWriter(no_proxy).message(7, [](ProtoWriter& w) { w.integer(2, 1); });
  EXPECT_FALSE(parse_egress_report(no_proxy));
}

TEST(Heartbeat, RefusesEveryCutMessage) {
  auto report = full_report();
  report.receipts.resize(3);
  const auto whole = encode_egress_report(report);
  std::size_t read = 0;
  for (std::size_t length = 0; length < whole.size(); ++length)
    if (const auto cut = parse_egress_report(ByteView(whole).first(length))) {
      EXPECT_LT(cut->receipts.size(), 3U) << "cut between two fields it is a shorter message";
      ++read;
    }
  EXPECT_LT(read, 10U);
}

TEST(Heartbeat, IsARequestWithOneOrTwoNames) {
  SeededRng rng(2);
  Heartbeat heartbeat{{EgressId::random(rng), EgressId::random(rng)}, rng.bytes(kMaxHeartbeatBytes)};
  const auto request = parse_request(encode_request({.body = heartbeat}, rng));
  ASSERT_TRUE(request);
  const auto& read = std::get<Heartbeat>(request->body);
  EXPECT_EQ(read.names, heartbeat.names);
  EXPECT_EQ(read.sealed, heartbeat.sealed);
  const auto response = parse_response(encode_response({.body = HeartbeatReply{rng.bytes(9)}}, rng));
  ASSERT_TRUE(response);
  EXPECT_EQ(std::get<HeartbeatReply>(response->body).sealed.size(), 9U);
}

TEST(Heartbeat, IsMalformedWithoutANameOrWithThreeOrEmpty) {
  SeededRng rng(2);
  const auto refused = [&](std::size_t names, std::size_t sealed) {
    Bytes out;
    ProtoWriter(out).integer(1, 1).message(4, [&](ProtoWriter& w) {
      for (std::size_t i = 0; i < names; ++i) w.element(1, rng.bytes(EgressId::kBytes));
      w.bytes(2, rng.bytes(sealed));
    });
    const auto request = parse_request(out);
    return !request && request.error() == RendezvousErrc::Malformed;
  };
  EXPECT_FALSE(refused(2, 10));
  EXPECT_TRUE(refused(0, 10));
  EXPECT_TRUE(refused(3, 10));
  EXPECT_TRUE(refused(1, 0));
  EXPECT_TRUE(refused(1, kMaxHeartbeatBytes + 1));
}

}  // namespace
}  // namespace footbridge::wire
