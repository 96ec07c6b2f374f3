#include "programs/doctor/report.hpp"

#include <gtest/gtest.h>

namespace footbridge::doctor {
namespace {

using core::Finding;

core::Diagnosis two_brokers() {
  return core::diagnose({{Finding::RouteFine},
                         {Finding::ClockOff, 0, 0, "3 h 12 min behind"},
                         {Finding::BrokerRefused, 1},
                         {Finding::BrokerRefused, 2, 1},
                         {Finding::DirectoryNone}});
}

TEST(DoctorReport, SaysWhatIsWrongAndWhatToDo) {
  EXPECT_EQ(text_report(two_brokers(), core::DoctorRole::Client, {}),
            "footbridge doctor --for client. No name and no address stands in this: it can be shown to others.\n\n"
            "  ok        way out               this machine has a way out\n"
            "  problem   clock                 this machine's clock is wrong (3 h 12 min behind)\n"
            "  problem   broker 1              nothing listens at its address\n"
            "  problem   broker 2, front 1     nothing listens at its address\n"
            "  (1 more follows from these)\n"
            "\nWhat is wrong, and what to do:\n"
            "\n1. Clock: this machine's clock is wrong (3 h 12 min behind).\n"
            "   Set it, and the time zone, too: timedatectl set-ntp true; certificates and what a network signs are "
            "judged by "
            "it.\n"
            "\n2. Broker 1; broker 2, front 1: nothing listens at its address.\n"
            "   Is the broker running, and is this its address? Ask who runs the network.\n");
}

TEST(DoctorReport, SaysThatNothingIsWrong) {
  const auto text = text_report(core::diagnose({{Finding::RouteFine}}), core::DoctorRole::All, {});
  EXPECT_TRUE(text.ends_with("\nNothing is wrong here.\n")) << text;
  EXPECT_NE(text_report(core::diagnose({{Finding::NatStrict}}), core::DoctorRole::All, {})
                .find("Nothing is wrong here. Worth knowing:\n\n1. Address translation: few can be met"),
            std::string::npos);
}

TEST(DoctorReport, WarnsWhereNamesStandInIt) {
  const std::vector<Subject> subjects{{core::Check::Broker, 1, 0, "broker.invalid"}};
  const auto text = text_report(two_brokers(), core::DoctorRole::Client, subjects);
  EXPECT_NE(text.find("do not show it to others"), std::string::npos);
  EXPECT_NE(text.find("nothing listens at its address: broker.invalid\n"), std::string::npos);
}

TEST(DoctorReport, IsJsonForScripts) {
  EXPECT_EQ(
      json_report(core::diagnose({{Finding::RouteNone}, {Finding::BrokerSilent, 1}}), core::DoctorRole::Egress, {}),
      "{\"version\":1,\"for\":\"egress\",\"problems\":1,\"causes\":[\"no-network\"],\"findings\":[\n"
      "{\"check\":\"route\",\"level\":\"problem\",\"finding\":\"no-network\",\"says\":\"this machine has no "
      "network\",\"advice\":\"connect it to one: plug in the cable, or join the Wi-Fi; all else was not reached "
      "because "
      "of this\"},\n"
      "{\"check\":\"broker\",\"number\":1,\"level\":\"problem\",\"finding\":\"broker-silent\",\"says\":\"it does not "
      "answer\",\"advice\":\"it is down, or somebody on the way blocks it: try from another network; a network can "
      "name "
      "fronts against that\",\"follows_from\":\"no-network\"}]}\n");
}

}  // namespace
}  // namespace footbridge::doctor
