#include "core/doctor/diagnosis.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using F = Finding;

std::vector<F> causes_of(std::initializer_list<F> found) {
  std::vector<Observation> seen;
  unsigned number = 0;
  for (const auto finding : found) seen.push_back({finding, ++number});
  std::vector<F> out;
  for (const auto& cause : diagnose(std::move(seen)).causes) out.push_back(cause.finding);
  return out;
}
using Causes = std::vector<F>;

// As a machine finds them whose cable is pulled.
constexpr std::initializer_list<F> kPulled = {F::NetworkJoined, F::RouteNone,    F::NamesSilent,  F::ClockUnknown,
                                              F::DirectoryOver, F::BrokerNoName, F::BrokerSilent, F::EgressNoName,
                                              F::UdpRefused,    F::StunNoName,   F::StunNotSent,  F::NatNoUdp,
                                              F::RouterSilent,  F::Ipv6None,     F::ProxyNobody};

TEST(Diagnosis, SaysExactlyThatThereIsNoNetwork) {
  EXPECT_EQ(causes_of(kPulled), (Causes{F::RouteNone, F::ProxyNobody})) << "the second has nothing to do with it";
}

TEST(Diagnosis, SaysThatNobodyAnswersWhereALoginPageWaits) {
  EXPECT_EQ(causes_of({F::RouteFine, F::NamesSilent, F::BrokerNoName, F::BrokerSilent, F::UdpSilent, F::StunSilent}),
            (Causes{F::NothingAnswers}));
  EXPECT_EQ(causes_of({F::RouteFine, F::BrokerSilent, F::UdpOneSilent, F::StunSilent, F::NatNoUdp, F::ClockUnknown}),
            (Causes{F::NothingAnswers}));
}

TEST(Diagnosis, DoesNotBlameTheNetworkWhereSomebodySpoke) {
  EXPECT_EQ(causes_of({F::RouteFine, F::NamesFine, F::BrokerRefused, F::UdpSilent, F::StunSilent}),
            (Causes{F::BrokerRefused, F::UdpSilent}));
  EXPECT_EQ(causes_of({F::RouteNone, F::BrokerAnswers, F::UdpSilent, F::StunSilent, F::StunSilent}),
            (Causes{F::UdpSilent}))
      << "on one machine nothing needs a way out of it";
  EXPECT_EQ(causes_of({F::RouteNone, F::BrokerAnswers}), Causes{});
}

TEST(Diagnosis, PutsTheClockBeforeWhatItMakesLookOld) {
  EXPECT_EQ(causes_of({F::RouteFine, F::ClockOff, F::BrokerExpired, F::BrokerStrange, F::DirectoryNone}),
            (Causes{F::ClockOff}));
  EXPECT_EQ(causes_of({F::RouteFine, F::ClockOff, F::BrokerRefused}), (Causes{F::ClockOff, F::BrokerRefused}))
      << "no clock closes a port";
}

TEST(Diagnosis, SaysThatADirectoryIsOverWhateverThisMachinesClockSays) {
  for (const auto clock : {F::ClockOff, F::ClockFarOff})
    for (const auto directory : {F::DirectoryServedOver, F::DirectoryServedWrong, F::DirectoryOver, F::DirectoryStale})
      EXPECT_EQ(causes_of({F::RouteFine, clock, directory, F::BrokerAnswers}), (Causes{clock, directory}))
          << "it was judged by the clock that is right";
}

TEST(Diagnosis, PutsTheBrokerBeforeWhatOnlyItCouldSay) {
  EXPECT_EQ(
      causes_of({F::RouteFine, F::BrokerRefused, F::ClockUnknown, F::DirectoryNone, F::UdpNotAsked, F::NatUnmeasured}),
      (Causes{F::BrokerRefused}));
}

TEST(Diagnosis, PutsUdpBeforeEachOfItsServers) {
  EXPECT_EQ(
      causes_of({F::RouteFine, F::BrokerAnswers, F::UdpNobodyThere, F::StunNobodyThere, F::StunSilent, F::NatNoUdp}),
      (Causes{F::UdpNobodyThere}));
  EXPECT_EQ(causes_of({F::RouteFine, F::BrokerAnswers, F::UdpNotAsked, F::NatUnmeasured}), (Causes{F::UdpNotAsked}));
}

TEST(Diagnosis, AsksForAnInviteAndForNothingElseWhereThereIsNone) {
  EXPECT_EQ(causes_of({F::NothingJoined, F::RouteFine, F::ClockUnknown, F::UdpNotAsked, F::NatUnmeasured}),
            (Causes{F::NothingJoined}));
  EXPECT_EQ(causes_of({F::StateOpen, F::NothingJoined, F::UdpNotAsked}), (Causes{F::StateOpen}));
}

TEST(Diagnosis, TakesABrokerForANoteWhileAnotherOneAnswers) {
  const auto one = diagnose({{F::BrokerAnswers, 1}, {F::BrokerRefused, 2}, {F::BrokerRefused, 3}});
  ASSERT_EQ(one.causes.size(), 1U) << "the same of two brokers is told once";
  EXPECT_EQ(one.causes[0].level, Level::Note);
  EXPECT_EQ(one.causes[0].of.size(), 2U);
  EXPECT_EQ(one.problems, 0U);
  EXPECT_EQ(diagnose({{F::BrokerRefused, 1}, {F::BrokerRefused, 2}}).problems, 1U);
}

TEST(Diagnosis, TakesNobodyWhoWasNotAskedForAnAnswer) {
  EXPECT_EQ(causes_of({F::RouteFine, F::NamesFine, F::BrokerSilent, F::BrokerNoTime, F::UdpSilent, F::StunSilent}),
            (Causes{F::NothingAnswers}));
  EXPECT_EQ(causes_of({F::RouteFine, F::BrokerAnswers, F::BrokerNotAsked, F::BrokerNotAsked}), Causes{});
  EXPECT_EQ(causes_of({F::RouteFine, F::BrokerSilent, F::BrokerNoTime, F::UdpOut}),
            (Causes{F::BrokerSilent, F::BrokerNoTime}));
}

TEST(Diagnosis, DoesNotCallAWebServerWrongThatMayHideABroker) {
  const auto found = diagnose({{F::BrokerNamed}, {F::BrokerHidden, 1}});
  EXPECT_EQ(found.problems, 0U);
  EXPECT_EQ(found.causes.size(), 1U);
  EXPECT_EQ(causes_of({F::RouteNone, F::BrokerHidden}), (Causes{F::BrokerHidden})) << "somebody spoke";
}

TEST(Diagnosis, TellsProblemsBeforeNotesAndOfEachTheRootFirst) {
  EXPECT_EQ(causes_of({F::ProxyForeign, F::TorRelay, F::NatStrict, F::ClockOff, F::StateOpen}),
            (Causes{F::StateOpen, F::ClockOff, F::ProxyForeign, F::NatStrict, F::TorRelay}));
}

TEST(Diagnosis, FindsNothingWhereAllIsWell) {
  for (std::size_t i = 0; i < kFindings; ++i) {
    const auto finding = static_cast<F>(i);
    const bool fine = words(finding).level == Level::Ok;
    EXPECT_EQ(diagnose({{finding}}).causes.empty(), fine) << words(finding).name;
  }
}

}  // namespace
}  // namespace footbridge::core
