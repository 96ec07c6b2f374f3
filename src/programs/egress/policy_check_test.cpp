#include "programs/egress/policy_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <optional>

#include "ops/errors.hpp"

namespace footbridge::egress {
namespace {

// Every name has these addresses; none: there is no such name.
class OneAnswer final : public io::Resolver {
 public:
  explicit OneAnswer(std::initializer_list<const char*> addresses) {
    for (const auto* text : addresses) addresses_.push_back(*IpAddress::parse(text));
  }
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override {
    ++asked;
    if (addresses_.empty()) co_return io::ResolveErrc::NoSuchName;
    co_return addresses_;
  }
  int asked = 0;

 private:
  std::vector<IpAddress> addresses_;
};

PolicyAnswer ask(const EgressOptions& options, const std::string& about, io::Resolver& resolver) {
  asio::io_context context(1);
  std::optional<PolicyAnswer> out;
  const auto origin = [](std::string_view option) { return "origin of " + std::string(option); };
  asio::co_spawn(context, check_policy(options, question_of(about), resolver, origin),
                 [&](const std::exception_ptr&, PolicyAnswer answer) { out = std::move(answer); });
  context.run();
  return out.value();
}

TEST(PolicyCheck, AllowsANameWhenOneOfItsAddressesIsAllowed) {
  OneAnswer resolver{"10.0.0.1", "11.9.0.1"};
  const auto answer = ask({}, "footbridge.org:443", resolver);
  EXPECT_TRUE(answer.allowed);
  EXPECT_EQ(answer.text,
            "footbridge.org port 443 over TCP: allowed\n"
            "  port 443: allowed, the policy has this port (policy.preset, origin of policy.preset)\n"
            "  10.0.0.1: refused, not the public internet: private, reserved, multicast or a cloud's metadata\n"
            "  11.9.0.1: allowed, an address of the public internet\n");
}

TEST(PolicyCheck, RefusesANameThatLeadsInside) {
  OneAnswer resolver{"10.0.0.1"};
  EXPECT_FALSE(ask({}, "footbridge.org:443", resolver).allowed);
}

TEST(PolicyCheck, LooksUpNothingThatIsDecidedBefore) {
  OneAnswer resolver{"11.9.0.1"};
  for (const auto* about : {"footbridge.org:25", "footbridge.org:22", "intranet:443", "0x7f.1:443", "10.0.0.1:443"})
    EXPECT_FALSE(ask({}, about, resolver).allowed) << about;
  EXPECT_TRUE(ask({}, "11.9.0.1:443", resolver).allowed);
  EXPECT_EQ(resolver.asked, 0);
}

TEST(PolicyCheck, NamesTheOptionThatDecides) {
  OneAnswer resolver{"11.9.0.1"};
  EgressOptions options;
  options.deny_prefix = {*Prefix::parse("11.9.0.0/16")};
  EXPECT_NE(ask(options, "footbridge.org:443", resolver).text.find("11.9.0.0/16 (policy.deny_prefix, origin of"),
            std::string::npos);
  options.policy = PolicyPreset::Custom;
  options.allow_ports = {{5222, 5223}};
  EXPECT_NE(ask(options, "footbridge.org:443", resolver).text.find("(policy.allow_ports,"), std::string::npos);
  options.policy = PolicyPreset::Off;
  EXPECT_NE(ask(options, "footbridge.org:443", resolver)
                .text.find("refused, the policy does not have this port (policy.preset,"),
            std::string::npos);
}

TEST(PolicyCheck, KnowsThatUdpHasARuleOfItsOwn) {
  OneAnswer resolver{"11.9.0.1"};
  EXPECT_TRUE(ask({}, "footbridge.org:53/udp", resolver).allowed);
  EXPECT_FALSE(ask({}, "footbridge.org:53", resolver).allowed);
  EgressOptions options;
  options.udp = UdpPreset::Off;
  EXPECT_NE(ask(options, "footbridge.org:53/udp", resolver).text.find("none leaves here (policy.udp,"),
            std::string::npos);
}

TEST(PolicyCheck, RefusesANameThatIsNotThere) {
  OneAnswer resolver{};
  const auto answer = ask({}, "footbridge.org:443", resolver);
  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.text.find("refused, it has no address"), std::string::npos);
}

TEST(PolicyCheck, WantsAHostAndAPort) {
  for (const auto* wrong : {"", "footbridge.org", ":443", "footbridge.org:", "footbridge.org:https",
                            "footbridge.org:65536", "2001:db8::1", "2001:db8::1:443"})
    EXPECT_THROW(question_of(wrong), ops::UsageError) << wrong;
  EXPECT_EQ(question_of("[2001:db8::1]:443").host, "[2001:db8::1]");
}

}  // namespace
}  // namespace footbridge::egress
