#include "core/egress/policy_explanation.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace footbridge::core {
namespace {

Endpoint at(std::string_view text) { return *Endpoint::parse(text); }

EgressPolicy policy() {
  AddressPolicy::Rules rules;
  rules.own = {*IpAddress::parse("11.0.0.1")};
  rules.deny = {*Prefix::parse("11.5.0.0/16"), *Prefix::parse("11.5.9.0/24")};
  rules.endpoints = {at("127.0.0.1:9000")};
  return {PortPolicy::web(), AddressPolicy(std::move(rules))};
}

PolicyRule rule_for(std::string_view host, std::uint16_t port) { return explain_target(policy(), host, port).rule; }

TEST(PolicyExplanation, NamesTheRuleThatDecides) {
  EXPECT_EQ(rule_for("footbridge.org", 443), PolicyRule::PortListed);
  EXPECT_EQ(rule_for("footbridge.org", 25), PolicyRule::PortNever);
  EXPECT_EQ(rule_for("footbridge.org", 22), PolicyRule::PortUnlisted);
  EXPECT_EQ(rule_for("footbridge.org", 9000), PolicyRule::PortExcepted);
  EXPECT_EQ(rule_for("intranet", 443), PolicyRule::Name);
  EXPECT_EQ(rule_for("11.9.0.1", 443), PolicyRule::Public);
  EXPECT_EQ(rule_for("11.9.0.1", 9000), PolicyRule::PortUnlisted) << "the exception is another address's";
  EXPECT_EQ(rule_for("127.0.0.1", 9000), PolicyRule::Exception);
  EXPECT_EQ(rule_for("11.0.0.1", 443), PolicyRule::Own);
  EXPECT_EQ(rule_for("11.5.9.7", 443), PolicyRule::DenyPrefix);
  EXPECT_EQ(rule_for("192.168.1.1", 443), PolicyRule::Special);
  EXPECT_EQ(rule_for("2002:c0a8:101::1", 443), PolicyRule::Embedded);
}

std::optional<Prefix> block_for(std::string_view host) { return explain_target(policy(), host, 443).prefix; }

TEST(PolicyExplanation, SaysWhichBlockAndWhichMistake) {
  EXPECT_EQ(block_for("11.5.9.7")->length_bits, 16U) << "the first that has it";
  EXPECT_EQ(block_for("::ffff:11.5.9.7")->length_bits, 16U);
  EXPECT_EQ(explain_target(policy(), "0x7f.1", 443).name_error, TargetErrc::Numeric);
}

TEST(PolicyExplanation, NeverDecidesOtherwiseThanThePolicy) {
  const auto judged = policy();
  for (const auto* host : {"footbridge.org", "intranet", "a.local", "127.1", "127.0.0.1", "11.0.0.1", "11.5.0.1",
                           "11.9.0.1", "10.0.0.1", "2002::1", "2a02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", ""})
    for (const auto port : std::initializer_list<std::uint16_t>{0, 22, 25, 80, 443, 445, 9000}) {
      EXPECT_EQ(explain_target(judged, host, port).allowed, bool(judged.admit_target(host, port)))
          << host << " " << port;
      if (const auto address = IpAddress::parse(host)) {
        EXPECT_EQ(explain_address(judged, {*address, port}).allowed, bool(judged.admit({*address, port})))
            << host << " " << port;
      }
    }
}

TEST(PolicyExplanation, HasWordsForEveryRule) {
  std::set<std::string_view> names, says;
  for (std::size_t i = 0; i < kPolicyRules; ++i) {
    const auto text = words(static_cast<PolicyRule>(i));
    EXPECT_FALSE(text.says.empty());
    names.insert(text.name);
    says.insert(text.says);
  }
  EXPECT_EQ(names.size(), kPolicyRules);
  EXPECT_EQ(says.size(), kPolicyRules);
  for (std::size_t i = 1; i <= 6; ++i) EXPECT_FALSE(explanation(static_cast<TargetErrc>(i)).empty());
}

}  // namespace
}  // namespace footbridge::core
