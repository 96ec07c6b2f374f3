#include "wire/sdp.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/rng.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors(const std::string& file) {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/" + file);
  return nlohmann::json::parse(in);
}

SessionDescription example() {
  SessionDescription out;
  out.ice_ufrag = Private(std::string("Ab+/"));
  out.ice_pwd = Private(std::string("0123456789abcdefghijklmn"));
  for (std::size_t i = 0; i < out.fingerprint.size(); ++i) out.fingerprint[i] = std::byte(7 * i);
  out.setup = DtlsSetup::Active;
  out.mid = "data";
  out.max_message_bytes = 65'536;
  out.candidates.push_back({"1", 2'113'937'151, Private(*Endpoint::parse("198.18.0.7:50001")), CandidateType::Host});
  out.candidates.push_back({"a+", 7, Private(*Endpoint::parse("[2001:db8::7]:50002")), CandidateType::ServerReflexive});
  return out;
}

TEST(Sdp, ReadsEveryValidVector) {
  const auto file = vectors("sdp.json");
  for (const auto& vector : file.at("valid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto parsed = parse_sdp(vector.at("sdp").get<std::string>());
    ASSERT_TRUE(parsed.ok()) << name(parsed.error());
    const auto& want = vector.at("expect");
    const auto setup = want.at("setup").get<std::string>();
    EXPECT_EQ(parsed->setup, setup == "active"    ? DtlsSetup::Active
                             : setup == "passive" ? DtlsSetup::Passive
                                                  : DtlsSetup::ActPass);
    EXPECT_EQ(parsed->mid, want.at("mid").get<std::string>());
    EXPECT_EQ(parsed->sctp_port, want.at("sctp_port").get<unsigned>());
    EXPECT_EQ(parsed->max_message_bytes, want.at("max_message_bytes").get<std::uint64_t>());
    EXPECT_EQ(parsed->candidates.size(), want.at("candidates").get<std::size_t>());
    EXPECT_EQ(parsed->candidates_skipped, want.at("skipped").get<std::size_t>());
    EXPECT_EQ(parsed->ice_ufrag.reveal_to_socket(), "Ab+/");
    EXPECT_EQ(parsed->fingerprint[31], std::byte{31});
  }
}

TEST(Sdp, RejectsEveryInvalidVectorForItsReason) {
  const auto file = vectors("sdp.json");
  for (const auto& vector : file.at("invalid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto parsed = parse_sdp(vector.at("sdp").get<std::string>());
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(name(parsed.error()), vector.at("error").get<std::string>());
  }
}

TEST(Sdp, ReadsWhatItWrites) {
  const auto description = example();
  const auto parsed = parse_sdp(encode_sdp(description, 42));
  ASSERT_TRUE(parsed.ok()) << name(parsed.error());
  EXPECT_TRUE(*parsed == description);
}

TEST(Sdp, NeverWritesARelatedAddress) {
  const auto text = encode_sdp(example(), 42);
  EXPECT_NE(text.find("typ srflx raddr :: rport 0"), std::string::npos);
}

TEST(Sdp, WritesNothingThatNamesUs) {
  auto text = encode_sdp(example(), 42);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto* word : {"footbridge", "libnice", "gst", "tool:"}) EXPECT_EQ(text.find(word), std::string::npos);
}

// T16: a bomb costs no more than reading it.
TEST(Sdp, ReadsTheWorstInputsWithinAMillisecond) {
  std::string candidates = "v=0\r\n";
  while (candidates.size() < kMaxSdpBytes - 64) candidates += "a=candidate:1 1 udp 1 1::1 1024 typ host\r\n";
  std::string lines = "v=0\n";
  while (lines.size() < kMaxSdpBytes) lines += "a=\n";
  std::string one_line = "v=0\na=candidate:" + std::string(kMaxSdpBytes - 16, ' ');
  SeededRng rng(1);
  auto noise = to_string(rng.bytes(kMaxSdpBytes));
  for (const auto& input : {candidates, lines, one_line, noise}) {
    auto best = std::chrono::nanoseconds::max();  // the machine is shared: the quickest of a few runs is the cost
    for (int run = 0; run < 5; ++run) {
      const auto start = std::chrono::steady_clock::now();
      const auto parsed = parse_sdp(input);
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
      EXPECT_FALSE(parsed.ok());
    }
    EXPECT_LT(best, std::chrono::milliseconds(1));
  }
}

TEST(Sdp, SurvivesEveryCutAndEveryFlippedByte) {
  const auto text = encode_sdp(example(), 42);
  for (std::size_t cut = 0; cut < text.size(); ++cut) (void)parse_sdp(std::string_view(text).substr(0, cut));
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto flipped = text;
    for (const int value : {0, 13, 10, 58, 32, 255}) {
      flipped[at] = static_cast<char>(value);
      (void)parse_sdp(flipped);
    }
  }
}

}  // namespace
}  // namespace footbridge::wire
