#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wire/ice_candidate_filter.hpp"

namespace footbridge::wire {
namespace {

IceCandidate candidate(std::string_view endpoint) {
  return {"1", 1, Private(*Endpoint::parse(endpoint)), CandidateType::Host};
}

TEST(IceCandidate, ReadsWhatBrowsersWrite) {
  const auto parsed = parse_candidate(
      "842163049 1 udp 1677729535 198.18.4.5 54321 typ srflx raddr 10.0.0.4 rport 61000 generation 0 network-cost 999");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->type, CandidateType::ServerReflexive);
  EXPECT_EQ(parsed->priority, 1'677'729'535U);
  EXPECT_EQ(parsed->endpoint.reveal_to_socket(), *Endpoint::parse("198.18.4.5:54321"));
}

TEST(IceCandidate, SkipsNamesInsteadOfResolvingThem) {
  for (const auto* name : {"host.example", "9b36eaac-bb2e-49bb-bb78-21c41c499900.local", "0x7f000001", "127.1", "1"}) {
    const auto parsed = parse_candidate("1 1 udp 1 " + std::string(name) + " 50000 typ host");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error(), CandidateError::Unusable) << name;
  }
}

TEST(IceCandidateFilter, JudgesEveryVectorAlike) {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/ice_candidate_filter.json");
  const auto file = nlohmann::json::parse(in);
  CandidatePolicy strict;
  for (const auto& subnet : file.at("own_subnets"))
    strict.own_subnets.push_back(*Prefix::parse(subnet.get<std::string>()));
  auto lenient = strict;
  lenient.allow_private = true;
  for (const auto& vector : file.at("endpoints")) {
    const auto text = vector.at("endpoint").get<std::string>();
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(name(judge_endpoint(*endpoint, strict)), vector.at("verdict").get<std::string>()) << text;
    EXPECT_EQ(name(judge_endpoint(*endpoint, lenient)), vector.at("when_private_allowed").get<std::string>()) << text;
  }
}

TEST(IceCandidateFilter, LetsEightThroughInTheOrderGiven) {
  std::vector<IceCandidate> many;
  for (int i = 1; i <= 20; ++i) many.push_back(candidate("8.8.4." + std::to_string(i) + ":5000"));
  const auto filtered = filter_candidates(many, {});
  ASSERT_EQ(filtered.usable.size(), kMaxUsedCandidates);
  EXPECT_EQ(filtered.refused, many.size() - kMaxUsedCandidates);
  EXPECT_TRUE(filtered.usable.front() == many.front());
}

TEST(IceCandidateFilter, RefusedOnesDoNotUseUpThePlaces) {
  std::vector<IceCandidate> mixed;
  for (int i = 1; i <= 10; ++i) mixed.push_back(candidate("10.0.0." + std::to_string(i) + ":5000"));
  mixed.push_back(candidate("8.8.4.4:5000"));
  mixed.push_back(candidate("8.8.4.4:5000"));
  const auto filtered = filter_candidates(mixed, {});
  EXPECT_EQ(filtered.usable.size(), 1U);
  EXPECT_EQ(filtered.refused, 11U) << "private ones and the duplicate";
}

}  // namespace
}  // namespace footbridge::wire
