#include "wire/network.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/network.json");
  return nlohmann::json::parse(file).at("vectors");
}

Bytes vector_named(const std::string& name) {
  for (const auto& v : vectors())
    if (v.at("name").get<std::string>() == name) return parse_hex(v.at("hex").get<std::string>()).value();
  ADD_FAILURE() << "no vector " << name;
  return {};
}

// An id whose bytes count up from `first`, as the vectors have them.
template <class IdType>
IdType id_from(unsigned first) {
  IdType id;
  for (auto& b : id.raw) b = static_cast<std::byte>(first++);
  return id;
}

constexpr std::uint64_t kStart = 1'800'000'000;
constexpr std::uint64_t kDay = 86'400;

Validity days(std::int64_t first, std::int64_t last) {
  const auto at = [](std::int64_t day) { return UnixSeconds{kStart + static_cast<std::uint64_t>(day) * kDay}; };
  return {at(first), at(last)};
}

Directory full_directory() {
  Directory out{.version = 7, .valid = days(0, 2), .egresses = {}, .brokers = {}, .stun_servers = {}, .tactics = {}};
  out.egresses.push_back({"one", Private<std::string>("wss://egress.example/leg"), 8911, id_from<SpkiSha256>(0xe0)});
  out.egresses.push_back({"two-2", Private<std::string>("wss://two.example/leg"), 0, id_from<SpkiSha256>(0x20)});
  BrokerEntry broker{.name = "b1", .addresses = {}, .keys = {}};
  broker.addresses.push_back({Private<std::string>("https://broker.example/p"), Private<std::string>("front.example"),
                              id_from<SpkiSha256>(0x60)});
  broker.addresses.push_back({Private<std::string>("http://192.0.2.1:8900/"), {}});
  broker.keys = {{id_from<BrokerKeyBytes>(0x10), days(-1, 1)}, {id_from<BrokerKeyBytes>(0x30), days(0, 2)}};
  out.brokers.push_back(broker);
  out.stun_servers = {Private<std::string>("stun.example:3478"), Private<std::string>("192.0.2.3:3478")};
  out.tactics = {.dtls_sensitive = {*Country::parse("RU"), *Country::parse("IR")},
                 .native_links_off = {*Country::parse("CN")},
                 .most_paths = 2,
                 .udp_legs_off = true,
                 .risky_to_help = {*Country::parse("IR"), *Country::parse("BY")}};
  return out;
}

TEST(NetworkFormat, WritesWhatProtocWrites) {
  EXPECT_EQ(encode_directory(full_directory()), vector_named("directory with every field"));
  EXPECT_EQ(encode_directory({.version = 1}), vector_named("smallest directory"));
  const auto signed_directory = vector_named("signed directory");
  EXPECT_EQ(encode_signed_directory(parse_signed_directory(signed_directory).value()), signed_directory);
  const auto certificate = vector_named("certificate with every field");
  EXPECT_EQ(encode_certificate(parse_certificate(certificate).value()), certificate);
}

TEST(NetworkFormat, ReadsEveryFieldOfADirectory) {
  const auto read = parse_directory(vector_named("directory with every field")).value();
  EXPECT_EQ(read.version, 7U);
  EXPECT_EQ(read.valid, days(0, 2));
  EXPECT_EQ(read.egresses[1].name, "two-2");
  EXPECT_EQ(read.egresses[0].relay_udp_port, 8911);
  EXPECT_EQ(read.brokers[0].addresses[0].tls_pin, id_from<SpkiSha256>(0x60));
  EXPECT_FALSE(read.brokers[0].addresses[1].tls_pin);
  EXPECT_EQ(read.brokers[0].keys[1].valid, days(0, 2));
  EXPECT_EQ(read.tactics.native_links_off, std::vector{*Country::parse("CN")});
  EXPECT_TRUE(read.tactics.udp_legs_off);
  EXPECT_EQ(read.tactics.risky_to_help, (std::vector{*Country::parse("IR"), *Country::parse("BY")}));
}

// What is written from what was read is what was read, and what breaks a bound is refused.
TEST(NetworkFormat, TakesAndRefusesWhatItsVectorsSay) {
  for (const auto& v : vectors()) {
    const auto name = v.at("name").get<std::string>();
    const auto message = v.at("message").get<std::string>();
    const auto in = parse_hex(v.at("hex").get<std::string>()).value();
    const bool valid = v.at("valid").get<bool>();
    if (message == "Certificate") EXPECT_EQ(parse_certificate(in).has_value(), valid) << name;
    if (message == "Directory") EXPECT_EQ(parse_directory(in).has_value(), valid) << name;
    if (message == "SignedDirectory") EXPECT_EQ(parse_signed_directory(in).has_value(), valid) << name;
  }
}

TEST(NetworkFormat, RefusesWhatIsTooLargeBeforeItLooksInside) {
  const Bytes large(kMaxSignedDirectoryBytes + 1);
  EXPECT_FALSE(parse_signed_directory(large));
  EXPECT_FALSE(parse_directory(large));
  EXPECT_FALSE(parse_certificate(Bytes(kMaxCertificateBytes + 1)));
}

TEST(NetworkFormat, ListsNoMoreThanItsBounds) {
  auto full = full_directory();
  full.egresses.assign(kMaxDirectoryEgresses, full.egresses[1]);
  full.brokers.assign(kMaxDirectoryBrokers, full.brokers[0]);
  const auto fits = encode_directory(full);
  EXPECT_TRUE(parse_directory(fits));
  EXPECT_LT(fits.size(), kMaxSignedDirectoryBytes);
  auto one_more = fits;
  append(one_more, vector_named("directory with every field"));  // as if they stood in one message
  EXPECT_FALSE(parse_directory(one_more));
}

TEST(NetworkFormat, SaysHowLongSomethingHolds) {
  const Validity valid{UnixSeconds{10}, UnixSeconds{12}};
  EXPECT_FALSE(valid.holds(UnixSeconds{9}));
  EXPECT_TRUE(valid.holds(UnixSeconds{10}));
  EXPECT_TRUE(valid.holds(UnixSeconds{11}));
  EXPECT_FALSE(valid.holds(UnixSeconds{12}));
  EXPECT_EQ(valid.length(), 2U);
  EXPECT_EQ((Validity{UnixSeconds{2}, UnixSeconds{1}}.length()), 0U);
}

}  // namespace
}  // namespace footbridge::wire
