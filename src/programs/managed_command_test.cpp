// A program started as tor starts it: in a process of its own, with pipes for what it says and for its end.
#include "programs/managed_command.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace footbridge {
namespace {

namespace sample {

struct Options {
  CommonOptions common;
  std::uint64_t slots = 2;
  std::string way = "offer";  // what run() does
};

ops::OptionTable option_table(Options& options) {
  ops::OptionTable table("sample", "be started by somebody");
  table.add("sample", "slots", options.slots, "how many", {{1, 10}});
  table.add("sample", "way", options.way, "how it goes");
  add_common_options(table, options.common);
  return table;
}
void check(const Options&) {}

void prepare(Options& options, const wire::PtServerRequest&) { options.slots = 3; }
void check_managed(const Options& options, const wire::PtServerRequest&) {
  if (options.slots == 9) throw ops::UsageError("--slots: nine is too many");
}

int run_managed(const Options& options, const Reload<Options>& reload, const wire::PtServerRequest& request,
                ManagedTransport& parent) {
  if (options.way == "break") throw ops::RunError("the port is in use");
  const auto again = reload();
  EXPECT_TRUE(again.reloadable.empty() && again.needs_restart.empty()) << "nothing has changed";
  const auto slots = std::to_string(options.slots);
  parent.offer(*request.bind, {{"slots", Private<std::string>(slots)},
                               {"drain", Private<std::string>(std::to_string(options.common.drain_timeout.count()))}});
  parent.done();
  if (options.way == "break-later") throw ops::RunError("the disk is full");
  return wait_for_parent(request, ops::kExitDone);
}

int run(const Options&, const Reload<Options>&) { return 42; }

}  // namespace sample

struct Ended {
  std::string said;
  bool stayed = false;  // was there after its "…DONE", until its standard input was closed
  int code = -1;
};

using Environment = std::vector<std::pair<const char*, const char*>>;

const Environment kBridge = {{"TOR_PT_MANAGED_TRANSPORT_VER", "1"},
                             {"TOR_PT_STATE_LOCATION", "/s"},
                             {"TOR_PT_EXIT_ON_STDIN_CLOSE", "1"},
                             {"TOR_PT_SERVER_TRANSPORTS", "footbridge"},
                             {"TOR_PT_SERVER_BINDADDR", "footbridge-127.0.0.1:1"},
                             {"TOR_PT_ORPORT", "127.0.0.1:2"}};

constexpr int kQuiet = 100;  // ms in which a process that does not stay has ended

// Runs it until it has said its "…DONE" or ended, then closes its standard input.
Ended start(Environment environment, const Arguments& arguments) {
  std::array<int, 2> input{}, output{};
  EXPECT_EQ(::pipe(input.data()), 0);
  EXPECT_EQ(::pipe(output.data()), 0);
  std::fflush(nullptr);  // what is buffered here is not the child's to write
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    for (const int descriptor : {input[0], input[1], output[0], output[1]}) ::close(descriptor);
    for (const auto& [name, value] : environment) ::setenv(name, value, 1);
    const ManagedProgram<sample::Options, wire::PtServerRequest> program{sample::prepare, sample::check_managed,
                                                                         sample::run_managed};
    ::_exit(make_managed_command<sample::Options>(sample::run, program).run(arguments));
  }
  ::close(input[0]), ::close(output[1]);
  Ended ended;
  std::array<char, 4096> buffer;
  for (ssize_t count; (count = ::read(output[0], buffer.data(), buffer.size())) > 0;) {
    ended.said.append(buffer.data(), static_cast<std::size_t>(count));
    if (input[1] < 0 || ended.said.find("METHODS DONE") == std::string::npos) continue;
    pollfd end{output[0], POLLIN, 0};
    ended.stayed = ::poll(&end, 1, kQuiet) == 0;
    ::close(std::exchange(input[1], -1));
  }
  if (input[1] >= 0) ::close(input[1]);
  ::close(output[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  // The version of the build is not what these tests are about.
  const auto from = ended.said.find("STATUS TYPE=version");
  if (from != std::string::npos) ended.said.erase(from, ended.said.find('\n', from) + 1 - from);
  return ended;
}

Environment with(std::pair<const char*, const char*> more) {
  auto out = kBridge;
  out.push_back(more);
  return out;
}

TEST(ManagedCommand, IsAnOrdinaryOneForAnybodyElse) { EXPECT_EQ(start({}, {}).code, 42); }

TEST(ManagedCommand, OffersAndEndsWithItsParent) {
  const auto ended = start(kBridge, {});
  EXPECT_EQ(ended.said, "VERSION 1\nSMETHOD footbridge 127.0.0.1:1 ARGS:drain=1000,slots=3\nSMETHODS DONE\n");
  EXPECT_EQ(ended.code, ops::kExitDone);
}

TEST(ManagedCommand, TakesTheParentsOptionsOverFlags) {
  const auto ended =
      start(with({"TOR_PT_SERVER_TRANSPORT_OPTIONS", "footbridge:slots=7"}), {"--slots", "4", "--drain-timeout", "2s"});
  EXPECT_EQ(ended.said, "VERSION 1\nSMETHOD footbridge 127.0.0.1:1 ARGS:drain=2000,slots=7\nSMETHODS DONE\n");
}

// A transport that ends at once is started again each second, and says the same again.
TEST(ManagedCommand, TellsWhatIsWrongWithOurOptionsAndStaysUntilTheParentEndsIt) {
  const auto unknown = start(kBridge, {"--slot", "1"});
  EXPECT_EQ(unknown.said,
            "VERSION 1\nSMETHOD-ERROR footbridge unknown flag --slot; did you mean --slots?\nSMETHODS DONE\n");
  EXPECT_TRUE(unknown.stayed);
  EXPECT_EQ(unknown.code, ops::kExitUsage);
  EXPECT_EQ(start(kBridge, {"--slots", "9"}).said,
            "VERSION 1\nSMETHOD-ERROR footbridge --slots: nine is too many\nSMETHODS DONE\n");
  EXPECT_EQ(start(with({"TOR_PT_SERVER_TRANSPORT_OPTIONS", "footbridge:slot=1"}), {}).said,
            "VERSION 1\nSMETHOD-ERROR footbridge ServerTransportOptions: unknown option slot; did you mean slots?\n"
            "SMETHODS DONE\n");
  EXPECT_EQ(start(kBridge, {"--help"}).code, ops::kExitUsage) << "nobody is there to read it";
}

TEST(ManagedCommand, TellsWhatBreaksItBeforeAndAfterItIsConfigured) {
  const auto before = start(kBridge, {"--way", "break"});
  EXPECT_EQ(before.said, "VERSION 1\nSMETHOD-ERROR footbridge the port is in use\nSMETHODS DONE\n");
  EXPECT_TRUE(before.stayed);
  EXPECT_EQ(before.code, ops::kExitFailed);
  const auto after = start(kBridge, {"--way", "break-later"});
  EXPECT_TRUE(after.said.ends_with("SMETHODS DONE\nLOG SEVERITY=error MESSAGE=\"the disk is full\"\n")) << after.said;
  EXPECT_FALSE(after.stayed) << "tor starts it anew";
  EXPECT_EQ(after.code, ops::kExitFailed);
}

TEST(ManagedCommand, StartsNothingForTransportsThatAreNotOurs) {
  const auto ended = start(with({"TOR_PT_SERVER_TRANSPORTS", "obfs4"}), {"--slot", "1"});
  EXPECT_EQ(ended.said, "VERSION 1\nSMETHODS DONE\n");
  EXPECT_TRUE(ended.stayed);
  EXPECT_EQ(ended.code, ops::kExitDone);
}

// tor shows the text only of an ENV-ERROR that comes before VERSION.
TEST(ManagedCommand, RefusesBeforeItNamesItsVersion) {
  const auto ended = start(with({"TOR_PT_ORPORT", "nowhere"}), {});
  EXPECT_EQ(ended.said, "ENV-ERROR TOR_PT_ORPORT is not ADDRESS:PORT\n");
  EXPECT_EQ(ended.code, ops::kExitUsage);
}

TEST(ManagedCommand, IsStartedByFlagsToo) {
  const auto ended = start({}, {"-transport=footbridge", "-bindaddr", "footbridge-127.0.0.1:1", "-target",
                                "127.0.0.1:2", "-exit-on-stdin-close", "--slots", "4"});
  EXPECT_EQ(ended.said, "VERSION 3.0\nSMETHOD footbridge 127.0.0.1:1 ARGS:drain=1000,slots=4\nSMETHODS DONE\n");
  EXPECT_EQ(start({}, {"-transport=footbridge", "-target", "127.0.0.1:2", "-bindaddr", "footbridge-127.0.0.1:1",
                       "-options", R"({"slots": "6"})", "-exit-on-stdin-close"})
                .said,
            "VERSION 3.0\nSMETHOD footbridge 127.0.0.1:1 ARGS:drain=1000,slots=6\nSMETHODS DONE\n");
  EXPECT_EQ(start({}, {"-ptversion", "2.1", "-transport=footbridge"}).code, kPtExitConfig);
  EXPECT_EQ(start({}, {"-transport=footbridge"}).code, kPtExitUsage);
}

}  // namespace
}  // namespace footbridge
