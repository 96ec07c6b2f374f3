// What counts as a migration of a session, and as which.
#include "programs/egress/migrations.hpp"

#include <gtest/gtest.h>

namespace footbridge::egress {
namespace {

using core::EndReason;

constexpr bool kInUse = true;

TEST(Migrations, AreKeptWhenAnotherPathIsThere) {
  Migrations session;
  EXPECT_EQ(session.on_turn(1, 1, kInUse), std::nullopt) << "its first path";
  EXPECT_EQ(session.on_turn(2, 2, kInUse), std::nullopt) << "one more";
  EXPECT_EQ(session.on_turn(1, 2, kInUse), Migration::Kept);
  EXPECT_EQ(session.on_turn(1, 2, kInUse), std::nullopt) << "nothing has changed";
  EXPECT_EQ(session.on_turn(1, 3, kInUse), Migration::Kept) << "one came and the other left, in one turn";
}

TEST(Migrations, AreResumedWhenOneComesInTime) {
  Migrations session;
  session.on_turn(1, 1, kInUse);
  EXPECT_EQ(session.on_turn(0, 1, kInUse), std::nullopt) << "nobody knows yet";
  EXPECT_EQ(session.on_turn(0, 1, kInUse), std::nullopt);
  EXPECT_EQ(session.on_turn(1, 2, kInUse), Migration::Resumed);
  EXPECT_EQ(session.on_end(EndReason::NoPath), std::nullopt);
}

TEST(Migrations, AreLostWhenNoneCame) {
  Migrations session;
  session.on_turn(1, 1, kInUse);
  session.on_turn(0, 1, kInUse);
  EXPECT_EQ(session.on_end(EndReason::NoPath), Migration::Lost);
  EXPECT_EQ(session.on_end(EndReason::Local), std::nullopt) << "the client said goodbye, or we did";
}

TEST(Migrations, AreNoneOfASessionThatCarriesNothing) {
  Migrations session;
  session.on_turn(2, 2, !kInUse);
  EXPECT_EQ(session.on_turn(1, 2, !kInUse), std::nullopt);
  session.on_turn(0, 2, !kInUse);
  EXPECT_EQ(session.on_turn(1, 3, kInUse), std::nullopt);
  session.on_turn(0, 3, !kInUse);
  EXPECT_EQ(session.on_end(EndReason::NoPath), std::nullopt);
}

}  // namespace
}  // namespace footbridge::egress
