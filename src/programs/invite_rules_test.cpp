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

TEST(InviteRules, SayWhoseInviteIsATesters) {
  auto rules = full();
  rules.rules.invites[2].tester = true;
  const auto read = parse_invite_rules(invite_rules_text(rules).reveal_to_socket(), "f");
  EXPECT_TRUE(read.rules.invites[2].tester);
  EXPECT_FALSE(read.rules.invites[3].tester) << "also in files of those who know no testers";
}

// Half a file must not let anybody in, and not turn everybody out either.
TEST(InviteRules, AreRefusedWholeWhenSomethingIsMissing) {
  const std::string head = "network = \"0123456789abcdef\"\ninvites = \"needed\"\nentries = ";
  const auto one = head + "1\n[[invite]]\nmark = \"000102030405060708090a0b0c0d0e0f\"\n";
  const std::string rest = "until = 5\nuses = 1\nrevoked = false\n";
  EXPECT_NO_THROW(parse_invite_rules(head + "0\n", "f"));
  EXPECT_NO_THROW(parse_invite_rules(one + rest, "f"));
  for (const auto& bad :
       {std::string(), std::string("invites = \"needed\"\nentries = 0\n"),
        std::string("network = \"0123456789abcdef\"\nentries = 0\n"),
        std::string("network = \"0123\"\ninvites = \"open\"\nentries = 0\n"),
        std::string("network = \"0123456789abcdef\"\ninvites = \"maybe\"\nentries = 0\n"),
        std::string("network = \"0123456789abcdef\"\ninvites = \"needed\"\n"), head + "1\n", head + "501\n", one,
        one + "until = 5\nrevoked = false\n", one + "until = 5\nuses = 0\nrevoked = false\n",
        one + "until = 5\nuses = 10001\nrevoked = false\n", one + "until = -5\nuses = 1\nrevoked = false\n",
        one + "until = 5\nuses = 1\nrevoked = perhaps\n", one + "until = 5\nuses = 1\nname = \"sara\"\n",
        one + rest + "[[invite]]\nmark = \"000102030405060708090a0b0c0d0e0f\"\n" + rest,
        head + "1\n[[invite]]\nmark = \"00\"\n" + rest})
    EXPECT_THROW(parse_invite_rules(bad, "f"), ops::UsageError) << bad;
}

// A copy that is under way, or that the line cut: no part of it means something else.
TEST(InviteRules, AreRefusedWhereverTheirFileIsCut) {
  auto rules = full();
  rules.rules.invites.resize(2);
  rules.rules.invites[0].tester = true;
  const auto text = invite_rules_text(rules).reveal_to_socket();
  for (std::size_t i = 0; i + 1 < text.size(); ++i)  // without its last line break it is whole
    EXPECT_THROW(parse_invite_rules(std::string_view(text).substr(0, i), "f"), ops::UsageError) << i;
}

}  // namespace
}  // namespace footbridge
