// The parts of a link that need no network: certificate, checksum, batches, choice of STUN server.
#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "base/rng.hpp"
#include "transport/webrtc/certificate.hpp"
#include "transport/webrtc/crc32c.hpp"
#include "transport/webrtc/message_batch.hpp"
#include "transport/webrtc/own_subnets.hpp"
#include "transport/webrtc/stun_servers.hpp"

namespace footbridge::webrtc {
namespace {

TEST(Certificate, LooksLikeABrowsers) {
  const auto certificate = Certificate::make();
  auto* const x509 = certificate.x509();
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, name, sizeof name);
  EXPECT_STREQ(name, "WebRTC");
  int days = 0;
  int seconds = 0;
  ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509), X509_get0_notAfter(x509)), 1);
  EXPECT_EQ(days, 31) << "30 days, and one before";
  EXPECT_EQ(EVP_PKEY_get_bits(certificate.key()), 256);
}

TEST(Certificate, IsNewForEachLink) { EXPECT_NE(Certificate::make().fingerprint(), Certificate::make().fingerprint()); }

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  if (!cpu_has_crc32c()) GTEST_SKIP() << "this CPU has no CRC32c instruction";
  EXPECT_EQ(crc32c(Bytes(32)), 0x8a9136aaU);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43U);
  EXPECT_EQ(crc32c(as_bytes(std::string_view("123456789"))), 0xe3069283U) << "a length that is no multiple of eight";
}

// Bit by bit, as the polynomial says.
std::uint32_t slow_crc32c(ByteView data) {
  std::uint32_t state = 0xffff'ffff;
  for (const auto b : data) {
    state ^= std::to_integer<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ ((state & 1) != 0 ? 0x82f63b78U : 0);
  }
  return ~state;
}

TEST(Crc32c, AgreesWithTheDefinitionAtEveryLength) {
  if (!cpu_has_crc32c()) GTEST_SKIP() << "this CPU has no CRC32c instruction";
  SeededRng rng(11);
  const auto data = rng.bytes(2'600);
  for (std::size_t length = 0; length <= data.size(); length += length < 1'140 || length > 1'200 ? 13 : 1)
    ASSERT_EQ(crc32c(ByteView(data).first(length)), slow_crc32c(ByteView(data).first(length))) << length;
}

TEST(MessageBatch, KeepsOrderAndBoundariesThroughPopsAndTakes) {
  SeededRng rng(7);
  MessageBatch batch;
  std::uint64_t put = 0;
  std::uint64_t got = 0;
  const auto message = [](std::uint64_t i) { return Bytes(i % 300, std::byte(i)); };
  for (int round = 0; round < 2'000; ++round) {
    MessageBatch more;
    for (auto n = rng.between(0, 20); n > 0; --n) more.append(message(put++));
    batch.take(more);
    EXPECT_TRUE(more.empty());
    for (auto n = rng.between(0, 20); n > 0 && !batch.empty(); --n) {
      const auto expected = message(got++);
      const auto front = batch.front();
      ASSERT_TRUE(std::equal(front.begin(), front.end(), expected.begin(), expected.end()));
      batch.pop();
    }
    ASSERT_EQ(batch.count(), put - got);
  }
  std::vector<ByteView> views;
  batch.views(views);
  ASSERT_EQ(views.size(), put - got);
  for (const auto view : views) ASSERT_EQ(view.size(), message(got++).size());
}

TEST(StunServers, PassesOverTheSilentOneWhileAnotherAnswers) {
  const auto good = *Endpoint::parse("198.18.0.1:3478");
  const auto bad = *Endpoint::parse("198.18.0.2:3478");
  StunServers servers({good, bad, *Endpoint::parse("[2001:db8::1]:3478")});
  EXPECT_NE(servers.choose(0), servers.choose(1)) << "they take turns";
  servers.report(bad, false);
  for (std::size_t draw = 0; draw < 10; ++draw) EXPECT_EQ(servers.choose(draw), good);
  servers.report(good, false);
  EXPECT_NE(servers.choose(0), servers.choose(1)) << "both have failed once";
  EXPECT_EQ(StunServers({}).choose(3), std::nullopt);
}

TEST(StunServers, PrefersThoseThatAnsweredToThoseOfWhomNothingIsKnown) {
  std::vector<Endpoint> all;
  for (std::uint16_t port = 1; port <= 10; ++port) all.push_back({IpAddress::v4(0xc6120001), port});
  StunServers servers(all);
  servers.report(all[3], true);
  for (std::size_t draw = 0; draw < 20; ++draw) EXPECT_EQ(servers.choose(draw), all[3]);
  servers.report(all[7], true);
  EXPECT_NE(servers.choose(0), servers.choose(1)) << "these two take turns";
  servers.report(all[3], false);
  servers.report(all[7], false);
  for (std::size_t draw = 0; draw < 20; ++draw) {
    EXPECT_NE(servers.choose(draw), all[3]);
    EXPECT_NE(servers.choose(draw), all[7]);
  }
}

TEST(OwnSubnets, KnowsLoopback) {
  bool found = false;
  for (const auto& subnet : own_subnets()) found = found || subnet.contains(*IpAddress::parse("127.0.0.1"));
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace footbridge::webrtc
