// The pages about options in docs/ops are what the option tables say. After a change of a table, run this test with
// FB_UPDATE_DOCS=1 in its environment: it writes them anew.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

#include "programs/broker/broker_options.hpp"
#include "programs/client/connect_options.hpp"
#include "programs/client/tester_options.hpp"
#include "programs/command.hpp"
#include "programs/demo/demo_options.hpp"
#include "programs/doctor/doctor_options.hpp"
#include "programs/egress/egress_options.hpp"
#include "programs/join/join_options.hpp"
#include "programs/netstate/netstate_options.hpp"
#include "programs/network/network_options.hpp"
#include "programs/proxy/volunteer_options.hpp"
#include "programs/sim/sim_options.hpp"
#include "programs/status/status_options.hpp"

namespace footbridge {
namespace {

template <class Options>
void expect_current() {
  Options options;
  const auto table = option_table(options);
  const std::string base = FB_SOURCE_DIR "/docs/ops/config-" + table.program();
  for (const auto& [path, text] : {std::pair(base + ".md", document_of(table, "reference")),
                                   std::pair(base + ".toml", document_of(table, "example"))}) {
    if (std::getenv("FB_UPDATE_DOCS") != nullptr) std::ofstream(path) << text;
    std::ifstream in(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), text)
        << path << " is out of date; run this test with FB_UPDATE_DOCS=1";
  }
}

TEST(OptionPages, AreUpToDate) {
  expect_current<demo::DemoOptions>();
  expect_current<client::ConnectOptions>();
  expect_current<proxy::VolunteerOptions>();
  expect_current<broker::BrokerOptions>();
  expect_current<egress::EgressOptions>();
  expect_current<join::JoinOptions>();
  expect_current<doctor::DoctorOptions>();
  expect_current<network::NetworkOptions>();
  expect_current<netstate::NetstateOptions>();
  expect_current<client::TesterOptions>();
  expect_current<simulate::SimOptions>();
  expect_current<status::StatusOptions>();
  expect_current<status::HealthOptions>();
}

}  // namespace
}  // namespace footbridge
