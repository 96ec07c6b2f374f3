// The control stream of a path: from HELLO or JOIN to BYE.
#include "core/session/path_handshake.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using wire::ByeCode;
using wire::RefusalCode;

// One session, known by its token.
class OneSession final : public SessionRegistry {
 public:
  explicit OneSession(Rng& rng) : token(rng.array<wire::kTokenBytes>()), id(SessionId::random(rng)) {}
  wire::Ok ok() const { return {1, 0, id, Private<wire::SessionToken>(token), 120, {256U << 10, 8U << 20, 256}}; }
  Answer create(TimePoint, const wire::Hello& hello) override {
    ++created;
    admission_bytes = hello.admission.reveal_to_socket().size();
    if (busy) return wire::Refused{RefusalCode::Busy, 30, {}};
    return ok();
  }
  Answer join(TimePoint, const wire::Join& join) override {
    ++joined;
    const bool right = equal_in_constant_time(join.token.reveal_to_socket(), token) && join.session == id;
    if (!right) return wire::Refused{RefusalCode::UnknownSession, 0, {}};
    return ok();
  }
  wire::SessionToken token;
  SessionId id;
  bool busy = false;
  int created = 0;
  int joined = 0;
  std::size_t admission_bytes = 0;
};

class PathHandshake : public ::testing::Test {
 protected:
  ClientPathHandshake client(std::optional<SessionGrant> grant = std::nullopt) {
    return {now, rng, match, {256U << 10, 8U << 20, 256}, std::move(grant)};
  }
  EgressPathHandshake egress(std::optional<MatchId> expected = std::nullopt) { return {now, rng, registry, expected}; }
  template <class From, class To>
  void carry(From& from, To& to, std::size_t piece = 4096) {
    const auto bytes = from.take_output();
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      to.on_bytes(now, ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at)));
  }
  TimePoint now{};
  SeededRng rng{7};
  MatchId match = MatchId::random(rng);
  OneSession registry{rng};
};

TEST_F(PathHandshake, BeginsASessionByteByByte) {
  auto a = client();
  auto b = egress(match);
  carry(a, b, 1);
  ASSERT_EQ(b.state(), PathState::Established);
  EXPECT_EQ(b.client_limits(), (wire::SessionLimits{256U << 10, 8U << 20, 256}));
  EXPECT_EQ(registry.admission_bytes, wire::kAdmissionBytes);
  carry(b, a, 1);
  ASSERT_EQ(a.state(), PathState::Established);
  EXPECT_EQ(a.granted()->session, registry.id);
  EXPECT_EQ(b.session(), registry.id);
  EXPECT_FALSE(a.deadline());
  EXPECT_FALSE(b.deadline());
}

TEST_F(PathHandshake, JoinsAPathToASession) {
  auto a = client(SessionGrant{registry.id, Private<wire::SessionToken>(registry.token)});
  auto b = egress();
  carry(a, b);
  carry(b, a);
  EXPECT_EQ(a.state(), PathState::Established);
  EXPECT_EQ(b.session(), registry.id);
  EXPECT_EQ(registry.created, 0);
}

TEST_F(PathHandshake, RefusesAWrongTokenAndAnUnknownSessionAlike) {
  auto wrong = registry.token;
  wrong[31] ^= std::byte{1};
  Bytes answers[2];
  int i = 0;
  for (const auto& grant : {SessionGrant{registry.id, Private<wire::SessionToken>(wrong)},
                            SessionGrant{SessionId::random(rng), Private<wire::SessionToken>(registry.token)}}) {
    auto a = client(grant);
    auto b = egress();
    carry(a, b);
    answers[i] = b.take_output();
    a.on_bytes(now, answers[i++]);
    EXPECT_EQ(b.state(), PathState::Failed);
    ASSERT_EQ(a.failure(), PathFailure::Refused);
    EXPECT_EQ(a.refusal()->code, RefusalCode::UnknownSession);
  }
  EXPECT_EQ(answers[0], answers[1]);
}

TEST_F(PathHandshake, RefusesAMatchThatIsNotTheLegTokens) {
  auto a = client();
  auto b = egress(MatchId::random(rng));
  carry(a, b);
  carry(b, a);
  ASSERT_TRUE(a.refusal());
  EXPECT_EQ(a.refusal()->code, RefusalCode::WrongMatch);
  EXPECT_EQ(registry.created, 0);
  auto joining = client(SessionGrant{registry.id, Private<wire::SessionToken>(registry.token)});
  auto other = egress(MatchId::random(rng));
  carry(joining, other);
  carry(other, joining);
  ASSERT_TRUE(joining.refusal()) << "nor with the right token";
  EXPECT_EQ(joining.refusal()->code, RefusalCode::WrongMatch);
}

TEST_F(PathHandshake, TellsWhenTheEgressIsBusy) {
  registry.busy = true;
  auto a = client();
  auto b = egress();
  carry(a, b);
  carry(b, a);
  ASSERT_TRUE(a.refusal());
  EXPECT_EQ(a.refusal()->code, RefusalCode::Busy);
  EXPECT_EQ(a.refusal()->retry_after_seconds, 30U);
}

TEST_F(PathHandshake, RefusesVersionsItDoesNotSpeakAndNamesItsOwn) {
  auto b = egress();
  b.on_bytes(now, wire::encode_control(wire::Hello{{9, 2}, 0, match, {}, {}}));
  EXPECT_EQ(b.state(), PathState::Failed);
  auto a = client();
  carry(b, a);
  ASSERT_TRUE(a.refusal());
  EXPECT_EQ(a.refusal()->code, RefusalCode::UnsupportedVersion);
  EXPECT_EQ(a.refusal()->versions, (wire::VersionRange{1, 1}));
}

TEST_F(PathHandshake, AgreesOnTheNewestVersionThatBothSpeak) {
  auto b = egress();
  b.on_bytes(now, wire::encode_control(wire::Hello{{9, 1}, 0, match, {}, {}}));  // one of the future, which can do less
  EXPECT_EQ(b.state(), PathState::Established);
  auto a = client();
  carry(b, a);
  ASSERT_EQ(a.state(), PathState::Established);
  EXPECT_EQ(a.granted()->version, wire::kSessionVersion);
}

TEST_F(PathHandshake, RefusesAJoinOfAnotherVersionBeforeLookingForItsSession) {
  auto b = egress();
  b.on_bytes(now,
             wire::encode_control(wire::Join{
                 {3, 2}, registry.id, Private<wire::SessionToken>(registry.token), match, Private<Bytes>(Bytes{})}));
  auto a = client();
  carry(b, a);
  ASSERT_TRUE(a.refusal());
  EXPECT_EQ(a.refusal()->code, RefusalCode::UnsupportedVersion);
}

TEST_F(PathHandshake, GoesNoFurtherWithAnEgressThatAnswersInAVersionItWasNotOffered) {
  auto a = client();
  wire::Ok ok;
  ok.version = 2;
  a.on_bytes(now, wire::encode_control(ok));
  EXPECT_EQ(a.failure(), PathFailure::UnsupportedVersion);
  EXPECT_FALSE(a.granted());
}

TEST_F(PathHandshake, FailsTenSecondsAfterItsBeginning) {
  auto a = client();
  auto b = egress();
  now = a.deadline().value();
  EXPECT_EQ(now.time_since_epoch(), Seconds{10});
  a.on_deadline(now - Millis{1});
  EXPECT_EQ(a.state(), PathState::AwaitingPeer);
  a.on_deadline(now);
  EXPECT_EQ(a.failure(), PathFailure::TimedOut);
  b.on_bytes(now, wire::encode_control(wire::Hello{{1, 1}, 0, match, {}, {}}));
  EXPECT_EQ(b.failure(), PathFailure::TimedOut) << "a late HELLO makes no session";
  EXPECT_EQ(registry.created, 0);
}

TEST_F(PathHandshake, TakesOneHelloAndNoMore) {
  auto b = egress();
  const auto hello = wire::encode_control(wire::Hello{{1, 1}, 0, match, {}, {}});
  b.on_bytes(now, hello);
  EXPECT_EQ(b.state(), PathState::Established);
  b.take_output();
  b.on_bytes(now, hello);
  EXPECT_EQ(b.failure(), PathFailure::ProtocolError);
  EXPECT_EQ(registry.created, 1);
  EXPECT_TRUE(b.take_output().empty());
}

TEST_F(PathHandshake, RefusesAnOkWhereAHelloShouldBeAndAnotherSessionThanTheOneJoined) {
  auto b = egress();
  b.on_bytes(now, wire::encode_control(registry.ok()));
  EXPECT_EQ(b.failure(), PathFailure::ProtocolError);
  auto a = client(SessionGrant{SessionId::random(rng), Private<wire::SessionToken>(registry.token)});
  a.on_bytes(now, wire::encode_control(registry.ok()));
  EXPECT_EQ(a.failure(), PathFailure::ProtocolError);
}

TEST_F(PathHandshake, HoldsNoMoreThanItsBacklog) {
  auto b = egress();
  Bytes endless{std::byte{0x40}, std::byte{0x47}, std::byte{0xff}};  // an ignorable message of 2047 bytes
  b.on_bytes(now, endless);
  b.on_bytes(now, Bytes(kMaxControlBacklog));
  EXPECT_EQ(b.failure(), PathFailure::ProtocolError);
  b.on_bytes(now, Bytes(kMaxControlBacklog));
  EXPECT_EQ(b.state(), PathState::Failed);
}

TEST_F(PathHandshake, IgnoresWhatIsToBeIgnored) {
  auto b = egress();
  for (unsigned type = 0x40; type <= 0x5f; ++type)
    b.on_bytes(now, wire::encode_control(wire::IgnorableControl{static_cast<std::uint8_t>(type)}));
  EXPECT_EQ(b.state(), PathState::AwaitingPeer);
  auto a = client();
  carry(a, b);
  EXPECT_EQ(b.state(), PathState::Established);
}

TEST_F(PathHandshake, LeavesInOrder) {
  auto a = client();
  auto b = egress();
  carry(a, b);
  carry(b, a);
  b.leave({ByeCode::Draining, 60});
  EXPECT_EQ(b.state(), PathState::Over);
  b.leave({ByeCode::Draining, 60});
  carry(b, a);
  ASSERT_EQ(a.state(), PathState::Over);
  EXPECT_EQ(a.bye()->code, ByeCode::Draining);
  EXPECT_EQ(a.bye()->retry_after_seconds, 60U);
  a.leave({ByeCode::PathOver, 0});
  EXPECT_TRUE(a.take_output().empty());
}

// Admits what it is told to, and remembers what it saw.
class Doorkeeper final : public PathAdmission {
 public:
  std::optional<RefusalCode> admit(TimePoint, ByteView admission) override {
    shown.push_back(to_bytes(admission));
    return refusal;
  }
  std::optional<RefusalCode> refusal;
  std::vector<Bytes> shown;
};

struct PathHandshakeTickets : PathHandshake {
  Doorkeeper door;
  EgressPathHandshake guarded() { return {now, rng, registry, match, &door}; }
  SessionGrant grant() const { return {registry.id, Private<wire::SessionToken>(registry.token)}; }
  // What a client hears whose message is refused by the door with `why`.
  std::optional<RefusalCode> refused(RefusalCode why, std::optional<SessionGrant> joins = std::nullopt) {
    door.refusal = why;
    auto a = client(std::move(joins));
    auto b = guarded();
    carry(a, b);
    EXPECT_EQ(b.state(), PathState::Failed);
    EXPECT_FALSE(b.session());
    carry(b, a);
    return a.refusal() ? std::optional(a.refusal()->code) : std::nullopt;
  }
};

TEST_F(PathHandshakeTickets, AreShownBeforeAnythingBegins) {
  const auto ticket = rng.bytes(160);
  ClientPathHandshake a(now, rng, match, {256U << 10, 8U << 20, 256}, std::nullopt, Private<Bytes>(ticket));
  auto b = guarded();
  carry(a, b);
  ASSERT_EQ(door.shown.size(), 1U);
  EXPECT_EQ(door.shown[0].size(), wire::kAdmissionBytes) << "as long as without a ticket";
  EXPECT_EQ(to_bytes(ByteView(door.shown[0]).first(ticket.size())), ticket);
  EXPECT_EQ(registry.created, 1);
}

TEST_F(PathHandshakeTickets, KeepWhoIsRefusedAwayFromTheSessions) {
  EXPECT_EQ(refused(RefusalCode::Admission), RefusalCode::Admission);
  EXPECT_EQ(refused(RefusalCode::Admission, grant()), RefusalCode::Admission);
  EXPECT_EQ(refused(RefusalCode::StaleTicket, grant()), RefusalCode::StaleTicket);
  EXPECT_EQ(registry.created, 0);
  EXPECT_EQ(registry.joined, 0);
}

TEST_F(PathHandshakeTickets, AreNotLookedAtOnTheLegOfAnotherMatch) {
  auto a = client();
  EgressPathHandshake b(now, rng, registry, MatchId::random(rng), &door);
  carry(a, b);
  carry(b, a);
  EXPECT_EQ(a.refusal()->code, RefusalCode::WrongMatch);
  EXPECT_TRUE(door.shown.empty());
}

TEST_F(PathHandshakeTickets, OfAnEarlierRunEndOnlyTheSessionThatIsGone) {
  EXPECT_EQ(refused(RefusalCode::EgressRestarted), RefusalCode::StaleTicket) << "there is no session to lose";
  EXPECT_EQ(refused(RefusalCode::EgressRestarted, grant()), RefusalCode::StaleTicket) << "it began after the restart";
  auto forgotten = grant();
  forgotten.session = SessionId::random(rng);
  EXPECT_EQ(refused(RefusalCode::EgressRestarted, forgotten), RefusalCode::EgressRestarted);
}

}  // namespace
}  // namespace footbridge::core
