#include "core/rendezvous/invite_desk.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "wire/invite.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

constexpr UnixSeconds kNow{1'800'000'000};
constexpr UnixSeconds kEnd{1'800'000'100};

class Desk : public testing::Test {
 protected:
  InviteRule rule(const wire::InviteId& id, std::uint32_t uses = 1) { return {mark_of(id), kEnd, uses, false}; }
  std::string becomes(InviteDesk& desk, const std::optional<wire::InviteId>& id, const SelfTag& who,
                      UnixSeconds now = kNow) {
    const auto admitted = desk.admit(now, id, who);
    return admitted ? (*admitted ? "guest" : "anybody") : std::string(wire::name(admitted.error()));
  }
  SeededRng rng{3};
  wire::InviteId sara = wire::InviteId::random(rng);
  wire::InviteId reza = wire::InviteId::random(rng);
  SelfTag phone = SelfTag::random(rng);
  SelfTag laptop = SelfTag::random(rng);
};

TEST_F(Desk, LetsInWhoShowsAnInviteAndNobodyElse) {
  InviteDesk desk({true, {rule(sara)}}, {});
  EXPECT_EQ(becomes(desk, sara, phone), "guest");
  EXPECT_EQ(becomes(desk, std::nullopt, phone), "invite-needed");
  EXPECT_EQ(becomes(desk, reza, phone), "invite-needed");
}

TEST_F(Desk, KnowsATesterByItsInviteWhereNobodyNeedsOneToo) {
  auto testers = rule(sara);
  testers.tester = true;
  for (const bool needed : {true, false}) {
    InviteDesk desk({needed, {testers, rule(reza)}}, {});
    const auto tester = desk.admit(kNow, sara, phone);
    ASSERT_TRUE(tester && *tester);
    EXPECT_TRUE(desk.is_tester(**tester));
    const auto person = desk.admit(kNow, reza, laptop);
    ASSERT_TRUE(person);
    EXPECT_FALSE(*person && desk.is_tester(**person));
    testers.revoked = true;
    desk.replace({needed, {testers, rule(reza)}});
    EXPECT_FALSE(desk.is_tester(**tester));
    testers.revoked = false;
  }
}

// Who stole the rules has marks: shown as an id, one is worth nothing.
TEST_F(Desk, TakesNoHashForAnInvite) {
  InviteDesk desk({true, {rule(sara)}}, {});
  EXPECT_EQ(becomes(desk, wire::InviteId{mark_of(sara).raw}, phone), "invite-needed");
}

TEST_F(Desk, CountsInstallationsAndNotRequests) {
  InviteDesk desk({true, {rule(sara, 2), rule(reza)}}, {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(becomes(desk, sara, phone), "guest");
  EXPECT_EQ(becomes(desk, sara, laptop), "guest");
  EXPECT_EQ(becomes(desk, sara, SelfTag::random(rng)), "invite-used-up");
  EXPECT_EQ(becomes(desk, sara, laptop), "guest") << "who is in stays in";
  EXPECT_EQ(becomes(desk, reza, phone), "guest") << "each invite has uses of its own";
}

TEST_F(Desk, LetsNobodyNewInAfterTheEndAndKeepsWhoCameBefore) {
  InviteDesk desk({true, {rule(sara, 2)}}, {});
  EXPECT_EQ(becomes(desk, sara, phone), "guest");
  EXPECT_EQ(becomes(desk, sara, laptop, kEnd), "invite-over");
  EXPECT_EQ(becomes(desk, sara, phone, kEnd), "guest");
}

TEST_F(Desk, SendsAwayWhoseInviteIsRevoked) {
  InviteDesk desk({true, {rule(sara)}}, {});
  const auto guest = desk.admit(kNow, sara, phone).value();
  EXPECT_FALSE(desk.objection(guest));
  auto revoked = rule(sara);
  revoked.revoked = true;
  desk.replace({true, {revoked}});
  EXPECT_EQ(desk.objection(guest), Refusal::InviteRevoked);
  EXPECT_EQ(becomes(desk, sara, phone), "invite-revoked");
  desk.replace({true, {}});
  EXPECT_EQ(desk.objection(guest), Refusal::InviteNeeded) << "gone from the ledger is gone";
}

TEST_F(Desk, CountsInstallationsOnceWhereAnInviteIsThereTwice) {
  InviteDesk desk({true, {rule(sara, 2)}}, {});
  EXPECT_EQ(becomes(desk, sara, phone), "guest");
  auto again = rule(sara, 9);
  desk.replace({true, {rule(sara, 2), again}});
  EXPECT_EQ(desk.installations(), 1U);
  EXPECT_EQ(desk.all().size(), 1U) << "who was let in is still known";
  EXPECT_EQ(becomes(desk, sara, laptop), "guest");
  EXPECT_EQ(becomes(desk, sara, SelfTag::random(rng)), "invite-used-up") << "the first rule counts";
  again.revoked = true;
  desk.replace({true, {rule(sara, 2), again}});
  EXPECT_EQ(becomes(desk, sara, phone), "invite-revoked") << "but for a word that revokes";
}

TEST_F(Desk, AsksNobodyWhereTheNetworkIsOpen) {
  auto revoked = rule(reza);
  revoked.revoked = true;
  InviteDesk desk({false, {rule(sara), revoked}}, {});
  EXPECT_EQ(becomes(desk, std::nullopt, phone), "anybody");
  EXPECT_EQ(becomes(desk, sara, phone), "anybody");
  EXPECT_EQ(becomes(desk, reza, phone), "invite-revoked");
  EXPECT_FALSE(desk.next_new()) << "nobody is written down";
  EXPECT_FALSE(desk.objection(std::nullopt));
  desk.replace({true, {rule(sara)}});
  EXPECT_EQ(desk.objection(std::nullopt), Refusal::InviteNeeded);
}

TEST_F(Desk, GivesNoUseAnewAfterARestart) {
  std::vector<Guest> written;
  {
    InviteDesk desk({true, {rule(sara)}}, {});
    EXPECT_EQ(becomes(desk, sara, phone), "guest");
    EXPECT_EQ(becomes(desk, sara, phone), "guest");
    while (const auto guest = desk.next_new()) written.push_back(*guest);
  }
  ASSERT_EQ(written.size(), 1U) << "once, when it is new";
  InviteDesk desk({true, {rule(sara)}}, written);
  EXPECT_EQ(becomes(desk, sara, laptop), "invite-used-up");
  EXPECT_EQ(becomes(desk, sara, phone), "guest");
  EXPECT_FALSE(desk.next_new());
  EXPECT_EQ(desk.all(), written);
}

TEST_F(Desk, ForgetsInstallationsOfInvitesThatAreGone) {
  InviteDesk desk({true, {rule(sara), rule(reza)}}, {});
  EXPECT_EQ(becomes(desk, sara, phone), "guest");
  EXPECT_EQ(becomes(desk, reza, phone), "guest");
  desk.replace({true, {rule(reza)}});
  EXPECT_EQ(desk.installations(), 1U);
  EXPECT_EQ(desk.all().front().invite, mark_of(reza));
}

TEST_F(Desk, RemembersNoMoreThanItHasRoomFor) {
  std::vector<InviteRule> rules;
  for (int i = 0; i < 7; ++i) rules.push_back({InviteMark::random(rng), kEnd, wire::kMaxInviteUses, false});
  std::vector<Guest> known;
  for (std::size_t i = 0; i < InviteDesk::kMaxInstallations; ++i)
    known.push_back({rules[i % rules.size()].mark, InstallationMark::random(rng)});
  rules.push_back(rule(sara));
  InviteDesk desk({true, rules}, known);
  EXPECT_EQ(desk.installations(), InviteDesk::kMaxInstallations);
  EXPECT_EQ(becomes(desk, sara, phone), "busy");
}

TEST_F(Desk, KnowsOneInstallationByDifferentMarksForDifferentInvites) {
  EXPECT_NE(mark_of(sara, phone), mark_of(reza, phone));
  EXPECT_NE(mark_of(sara, phone), mark_of(sara, laptop));
}

}  // namespace
}  // namespace footbridge::core
