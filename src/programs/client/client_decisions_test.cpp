// The small decisions: where to, by which key, and what to say when it fails.
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "observe/logger.hpp"
#include "programs/client/broker_client.hpp"
#include "programs/client/client_path.hpp"
#include "programs/client/destination.hpp"
#include "programs/client/open_failure.hpp"
#include "programs/client/pin_choice.hpp"
#include "programs/client/tester.hpp"
#include "programs/client/trouble.hpp"

namespace footbridge::client {
namespace {

TEST(Destination, KeepsNamesAndReadsLiterals) {
  EXPECT_EQ(parse_authority("Example.org:8080", 80), (wire::Destination{"Example.org", 8080}));
  EXPECT_EQ(parse_authority("example.org", 80), (wire::Destination{"example.org", 80}));
  EXPECT_EQ(parse_authority("192.0.2.1:", 80), (wire::Destination{*IpAddress::parse("192.0.2.1"), 80}));
  EXPECT_EQ(parse_authority("[::1]:8", 80), (wire::Destination{*IpAddress::parse("::1"), 8}));
}

TEST(Destination, RefusesWhatIsNoHost) {
  for (const auto* text : {"", ":80", "a:b:c", "[::1", "[1.2.3.4]:80", "a b", "a\x01", "a/b", "u@h", "h:0", "h:99999",
                           "h:-1", "h:8 0", "::1"})
    EXPECT_FALSE(parse_authority(text, 80)) << text;
  EXPECT_FALSE(parse_authority(std::string(254, 'a'), 80));
  EXPECT_FALSE(parse_authority("host", 0)) << "CONNECT has no default port";
}

TEST(Destination, WritesAHostHeader) {
  EXPECT_EQ(authority_text({"example.org", 80}, 80), "example.org");
  EXPECT_EQ(authority_text({*IpAddress::parse("2001:db8::1"), 81}, 80), "[2001:db8::1]:81");
}

TEST(TestersVerdict, BlamesAVolunteerForItsLinkAndForWhereItLeadsAndForNothingElse) {
  using wire::OutcomeKind;
  EXPECT_EQ(verdict_of(Trouble::LinkFailed), OutcomeKind::LinkFailed);
  EXPECT_EQ(verdict_of(Trouble::EgressSilent), OutcomeKind::DialFailed);
  EXPECT_EQ(verdict_of(Trouble::WrongKey), OutcomeKind::DialFailed);
  for (const auto trouble : {Trouble::EgressLeaving, Trouble::EgressRefused, Trouble::UnknownEgress,
                             Trouble::UpstreamProxy, Trouble::SessionLost})
    EXPECT_EQ(verdict_of(trouble), OutcomeKind::Stopped) << name(trouble);
}

TEST(PinChoice, TakesTheTrustedPinThatTheMatchNames) {
  SeededRng rng(3);
  const std::vector<quic::SpkiPin> pins = {quic::SpkiPin(rng.array<32>()), quic::SpkiPin(rng.array<32>())};
  const auto second = *wire::EgressId::from(pins[1].view().first(16));
  EXPECT_EQ(choose_pin(pins, second), pins[1]);
}

TEST(PinChoice, FollowsABrokerNowhereElse) {
  SeededRng rng(3);
  const std::vector<quic::SpkiPin> pins = {quic::SpkiPin(rng.array<32>()), quic::SpkiPin(rng.array<32>())};
  EXPECT_FALSE(choose_pin(pins, wire::EgressId::random(rng)));
}

TEST(PinChoice, HoldsTheOnlyPinAgainstEveryEgress) {
  SeededRng rng(3);
  const std::vector<quic::SpkiPin> pins = {quic::SpkiPin(rng.array<32>())};
  EXPECT_EQ(choose_pin(pins, wire::EgressId::random(rng)), pins[0]);
}

TEST(OpenFailure, SpeaksAsAnOrdinaryProxyDoes) {
  EXPECT_EQ(socks_reply(failure_of(wire::OpenStatus::Refused)), wire::SocksReply::Refused);
  EXPECT_EQ(socks_reply(failure_of(wire::OpenStatus::DnsFailure)), wire::SocksReply::HostUnreachable);
  EXPECT_EQ(socks_reply(failure_of(wire::OpenStatus::Unreachable)), wire::SocksReply::NetworkUnreachable);
  EXPECT_EQ(socks_reply(failure_of(wire::OpenStatus::Policy)), wire::SocksReply::NotAllowed);
  EXPECT_EQ(http_status(failure_of(wire::OpenStatus::Refused)), 502U);
  EXPECT_EQ(http_status(failure_of(wire::OpenStatus::TimedOut)), 504U);
  EXPECT_EQ(http_status(failure_of(wire::OpenStatus::Limit)), 503U);
  EXPECT_EQ(http_status(OpenFailure::NoPath), 504U);
}

TEST(Trouble, IsToldOncePerChange) {
  observe::LogCapture log;
  TroubleTeller teller;
  TimePoint now{};
  for (int i = 0; i < 100; ++i) teller.tell(now += Seconds{1}, Trouble::NoVolunteer);
  EXPECT_EQ(log.count("no-way-out"), 1U);
  teller.tell(now, Trouble::BrokerSilent);
  EXPECT_EQ(log.count("no-way-out"), 2U);
  teller.tell(now += kTellAgain, Trouble::BrokerSilent);
  EXPECT_EQ(log.count("no-way-out"), 3U) << "it lasts";
  teller.well(now);
  teller.well(now);
  EXPECT_EQ(log.count("way-out-found"), 1U);
  teller.tell(now, Trouble::PathLost);
  teller.well(now);
  EXPECT_EQ(log.count("way-out-again"), 1U);
  EXPECT_FALSE(teller.current());
}

TEST(Trouble, NamesAWrongKeyLoudly) {
  observe::LogCapture log;
  TroubleTeller teller;
  teller.tell(TimePoint{}, outcome_of({.end = {.quic = {.kind = quic::CloseKind::WrongPin}, .pipe = {}}}).trouble);
  ASSERT_EQ(log.records().size(), 1U);
  EXPECT_EQ(log.records()[0].level, observe::Level::Err);
}

TEST(Trouble, TellsARefusedBrokerFromASilentOneAndFromNobodyThere) {
  EXPECT_EQ(trouble_of(wire::Refusal::None, http::HttpErrc::Refused), Trouble::BrokerRefused);
  EXPECT_EQ(trouble_of(wire::Refusal::None, http::HttpErrc::TimedOut), Trouble::BrokerSilent);
  EXPECT_EQ(trouble_of(wire::Refusal::None, http::HttpErrc::BadStatus), Trouble::BrokerStrange);
  EXPECT_EQ(trouble_of(wire::Refusal::None, std::nullopt), Trouble::BrokerStrange);
  EXPECT_EQ(trouble_of(wire::Refusal::NoProxy, std::nullopt), Trouble::NoVolunteer);
  EXPECT_EQ(trouble_of(wire::Refusal::SelfOnly, std::nullopt), Trouble::OnlyOurselves);
}

TEST(Trouble, SaysThatThisProgramIsTooOldForItsBroker) {
  EXPECT_EQ(trouble_of(wire::Refusal::Version, std::nullopt), Trouble::BrokerVersion);
  EXPECT_NE(advice(Trouble::BrokerVersion).find("update this program"), std::string_view::npos);
}

TEST(PathOutcome, EndsTheSessionOnlyWhenTheEgressSaysSo) {
  io::PathOver over{.end = {.quic = {.kind = quic::CloseKind::Pipe}, .pipe = PipeEnd::Lost}, .was_carrying = true};
  EXPECT_FALSE(outcome_of(over).session_is_gone) << "a lost volunteer is not a lost session";
  EXPECT_EQ(outcome_of(over).trouble, Trouble::PathLost);
  over.bye = wire::Bye{wire::ByeCode::Draining, 0};
  EXPECT_TRUE(outcome_of(over).session_is_gone);
  over = {.end = {}, .refusal = wire::RefusalCode::UnknownSession};
  EXPECT_TRUE(outcome_of(over).session_is_gone);
  over.refusal = wire::RefusalCode::Busy;
  EXPECT_FALSE(outcome_of(over).session_is_gone);
}

TEST(PathOutcome, SaysThatAnEgressIsOfAnotherVersionWhicheverEndFoundOut) {
  io::PathOver refused{.end = {}, .handshake = core::PathFailure::Refused};
  refused.refusal = wire::RefusalCode::UnsupportedVersion;
  const io::PathOver found{.end = {}, .handshake = core::PathFailure::UnsupportedVersion};
  for (const auto& over : {refused, found}) {
    EXPECT_EQ(outcome_of(over).trouble, Trouble::EgressVersion);
    EXPECT_EQ(outcome_of(over).detail, "unsupported-version");
    EXPECT_FALSE(outcome_of(over).session_is_gone);
  }
  EXPECT_NE(advice(Trouble::EgressVersion).find("update"), std::string_view::npos);
}

}  // namespace
}  // namespace footbridge::client
