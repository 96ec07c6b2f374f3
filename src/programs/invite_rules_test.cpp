#include "programs/invite_rules.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "ops/errors.hpp"

namespace footbridge {
namespace {

NetworkRules full() {
  SeededRng rng(4);
  NetworkRules out{.network = "0123456789abcdef", .rules = {}};
  for (std::size_t i = 0; i < core::InviteDesk::kMaxInvites; ++i)
    out.rules.invites.push_back({core::InviteMark::random(rng), UnixSeconds{1'800'000'000 + i}, 7, i % 2 == 1});
  return out;
}

TEST(InviteRules, SurviveTheirFileAtFullSize) {
  const auto text = invite_rules_text(full()).reveal_to_socket();
  const auto read = parse_invite_rules(text, "f");
  EXPECT_EQ(invite_rules_text(read).reveal_to_socket(), text);
  EXPECT_TRUE(read.rules.needed);
  EXPECT_EQ(read.rules.invites[3].mark, full().rules.invites[3].mark);
  EXPECT_TRUE(read.rules.invites[3].revoked);
  EXPECT_FALSE(read.rules.invites[4].revoked);
}

// Half a file must not let anybody in, and not turn everybody out either.
TEST(InviteRules, AreRefusedWholeWhenSomethingIsMissing) {
  const std::string head = "network = \"0123456789abcdef\"\ninvites = \"needed\"\n";
  const std::string mark = "[[invite]]\nmark = \"000102030405060708090a0b0c0d0e0f\"\n";
  EXPECT_NO_THROW(parse_invite_rules(head, "f"));
  EXPECT_NO_THROW(parse_invite_rules(head + mark + "until = 5\nuses = 1\n", "f"));
  for (const auto& bad :
       {std::string(), std::string("invites = \"needed\"\n"), std::string("network = \"0123456789abcdef\"\n"),
        std::string("network = \"0123\"\ninvites = \"open\"\n"),
        std::string("network = \"0123456789abcdef\"\ninvites = \"maybe\"\n"), head + mark, head + mark + "until = 5\n",
        head + mark + "until = 5\nuses = 0\n", head + mark + "until = 5\nuses = 10001\n",
        head + mark + "until = -5\nuses = 1\n", head + mark + "until = 5\nuses = 1\nrevoked = false\n",
        head + mark + "until = 5\nuses = 1\nname = \"sara\"\n",
        head + "[[invite]]\nmark = \"00\"\nuntil = 5\nuses = 1\n"})
    EXPECT_THROW(parse_invite_rules(bad, "f"), ops::UsageError) << bad;
}

}  // namespace
}  // namespace footbridge
