#include "core/doctor/judge.hpp"

#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace footbridge::core {
namespace {

using enum StunReach;

TEST(DoctorJudge, TellsEveryWayToFailAtABrokerFromTheOthers) {
  std::set<Finding> findings;
  for (std::size_t i = 0; i < kReaches; ++i) {
    const auto reach = static_cast<Reach>(i);
    const auto broker = judge_broker(reach), egress = judge_egress(reach);
    EXPECT_EQ(words(broker).check, Check::Broker);
    EXPECT_EQ(words(egress).check, Check::Egress);
    const bool fine = reach == Reach::Answers || reach == Reach::NotAsked;
    for (const auto finding : {broker, egress})
      EXPECT_EQ(words(finding).level == Level::Ok, fine) << words(finding).name;
    findings.insert(broker);
  }
  EXPECT_EQ(findings.size(), kReaches - 1) << "a broker's address is never refused";
}

TEST(DoctorJudge, TellsBlockedUdpFromDeadServers) {
  const auto udp = [](std::vector<StunReach> servers) { return judge_udp(servers); };
  EXPECT_EQ(udp({Silent, Answers}), Finding::UdpOut);
  EXPECT_EQ(udp({Silent, Silent}), Finding::UdpSilent);
  EXPECT_EQ(udp({Silent}), Finding::UdpOneSilent);
  EXPECT_EQ(udp({Silent, NobodyThere}), Finding::UdpNobodyThere) << "that word came back over UDP's own network";
  EXPECT_EQ(udp({NotSent, NotSent}), Finding::UdpRefused);
  EXPECT_EQ(udp({NotSent, Silent}), Finding::UdpOneSilent) << "one family of addresses may have no way out";
  EXPECT_EQ(udp({NoName}), Finding::UdpNotAsked);
  EXPECT_EQ(udp({}), Finding::UdpNotAsked);
}

TEST(DoctorJudge, BelievesTheClockOfWhoeverSaysLeast) {
  const auto clock = [](std::vector<Seconds> ahead) { return judge_clock(ahead); };
  EXPECT_EQ(clock({}).finding, Finding::ClockUnknown);
  EXPECT_EQ(clock({Seconds{-30}, Seconds{2}}).finding, Finding::ClockRight);
  EXPECT_EQ(clock({Seconds{7'200}, Seconds{1}}).finding, Finding::ClockDisputed);
  EXPECT_EQ(clock({Seconds{-7'200}, Seconds{-7'260}}).finding, Finding::ClockOff);
  EXPECT_EQ(clock({Seconds{-7'200}, Seconds{-7'260}}).ahead, Seconds{-7'200});
  EXPECT_EQ(clock({Seconds{86'401}}).finding, Finding::ClockFarOff);
}

TEST(DoctorJudge, SaysHowFarAClockIsOff) {
  EXPECT_EQ(offset_text(Seconds{0}), "");
  EXPECT_EQ(offset_text(Seconds{-45}), "45 s behind");
  EXPECT_EQ(offset_text(Seconds{125}), "2 min 5 s ahead");
  EXPECT_EQ(offset_text(Seconds{-11'520}), "3 h 12 min behind");
  EXPECT_EQ(offset_text(Seconds{86'400}), "1 day ahead");
  EXPECT_EQ(offset_text(Seconds{-3 * 86'400 - 3'600}), "3 days 1 h behind");
}

TEST(DoctorJudge, SaysWhoHasToRenewADirectory) {
  using Age = DirectoryKeeper::Age;
  EXPECT_EQ(judge_directory(Age::Current, true, {}), Finding::DirectoryCurrent);
  EXPECT_EQ(judge_directory(Age::Stale, true, {}), Finding::DirectoryStale);
  EXPECT_EQ(judge_directory(Age::Stale, true, DirectoryRefusal::Expired), Finding::DirectoryServedOver);
  EXPECT_EQ(judge_directory(Age::None, false, {}), Finding::DirectoryNone);
  EXPECT_EQ(judge_directory(Age::TooOld, true, {}), Finding::DirectoryOver);
  EXPECT_EQ(judge_directory(Age::None, false, DirectoryRefusal::Foreign), Finding::DirectoryServedWrong);
}

TEST(DoctorJudge, FindsTheSettingThatGivesNamesAway) {
  const Endpoint proxy{IpAddress::v4(0x7f000001), 1080};
  EXPECT_EQ(judge_proxy_variable("", proxy), std::nullopt);
  EXPECT_EQ(judge_proxy_variable("socks5h://127.0.0.1:1080", proxy), Finding::ProgramsRight);
  EXPECT_EQ(judge_proxy_variable("http://localhost:1080/", proxy), Finding::ProgramsRight);
  EXPECT_EQ(judge_proxy_variable("SOCKS5://127.0.0.1:1080", proxy), Finding::ProgramsLookUp);
  EXPECT_EQ(judge_proxy_variable("socks4://127.0.0.1:1080", proxy), Finding::ProgramsLookUp);
  EXPECT_EQ(judge_proxy_variable("http://user:secret@proxy.corp:3128", proxy), Finding::ProgramsElsewhere);
  EXPECT_EQ(judge_no_proxy("localhost, 10.0.0.0/8"), std::nullopt);
  EXPECT_EQ(judge_no_proxy("localhost, *"), Finding::ProgramsBypass);
}

TEST(DoctorJudge, KnowsOurProxyFromAnotherProgram) {
  EXPECT_EQ(judge_local_proxy(as_bytes(std::string_view("\x05\x00", 2))), Finding::ProxyAnswers);
  EXPECT_EQ(judge_local_proxy(as_bytes("HTTP/1.1 400")), Finding::ProxyForeign);
  EXPECT_EQ(judge_local_proxy({}), Finding::ProxyForeign);
}

TEST(DoctorJudge, WantsTheStateDirectoryForItsUserAlone) {
  StateFacts facts{.exists = true};
  EXPECT_EQ(judge_state(facts), Finding::StateFine);
  EXPECT_EQ(judge_state({.exists = false}), Finding::StateAbsent);
  EXPECT_EQ(judge_state({.named = false}), Finding::StateNowhere);
  EXPECT_EQ(judge_state({.exists = true, .spoiled = true}), Finding::StateSpoiled);
  EXPECT_EQ(judge_state({.exists = true, .writable = false, .spoiled = true}), Finding::StateLocked);
  EXPECT_EQ(judge_state({.exists = true, .others = true, .spoiled = true}), Finding::StateOpen);
  EXPECT_EQ(judge_state({.exists = true, .others = true, .foreign = true}), Finding::StateForeign);
}

TEST(DoctorJudge, DoesNotCallAServicesFilesForeignWhereRootLooks) {
  constexpr std::uint32_t kRoot = 0, kService = 998, kPerson = 1'000;
  EXPECT_FALSE(is_foreign(kService, kService, kRoot));
  EXPECT_TRUE(is_foreign(kRoot, kService, kRoot)) << "the service could not read it";
  EXPECT_TRUE(is_foreign(kPerson, kRoot, kRoot));
  EXPECT_FALSE(is_foreign(kPerson, kPerson, kPerson));
  EXPECT_FALSE(is_foreign(kRoot, kPerson, kPerson)) << "as programs have it";
  EXPECT_TRUE(is_foreign(kService, kPerson, kPerson));
  EXPECT_EQ(judge_state({.exists = true, .of_another = true}), Finding::StateOfAnother);
  EXPECT_EQ(judge_state({.exists = true, .foreign = true, .of_another = true}), Finding::StateForeign);
}

TEST(DoctorJudge, TellsADirectoryThatIsClosedFromOneThatIsNotThere) {
  EXPECT_EQ(judge_state({.exists = false, .closed = true}), Finding::StateClosed);
  EXPECT_EQ(judge_state({.exists = true, .closed = true, .spoiled = true}), Finding::StateClosed);
}

TEST(DoctorJudge, AsksForMoreDescriptorsOfWhoServesMany) {
  EXPECT_EQ(judge_descriptors(DoctorRole::Client, 1'024), Finding::DescriptorsEnough);
  EXPECT_EQ(judge_descriptors(DoctorRole::Client, 256), Finding::DescriptorsFew);
  EXPECT_EQ(judge_descriptors(DoctorRole::Egress, 1'024), Finding::DescriptorsFew);
  EXPECT_EQ(judge_descriptors(DoctorRole::Broker, 65'536), Finding::DescriptorsEnough);
}

}  // namespace
}  // namespace footbridge::core
