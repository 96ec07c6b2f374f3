#include "programs/managed_transport.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>

#include "io/clock.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/managed_start.hpp"

namespace footbridge {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() { ::close(ends[0]), ::close(ends[1]); }
  // What has been written so far.
  std::string read() {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::string text(1 << 20, '\0');
    const auto count = ::read(ends[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  std::array<int, 2> ends{};
};

// A parent with its two pipes.
struct Parent {
  explicit Parent(wire::PtRole role = wire::PtRole::Client, wire::PtVersion version = wire::PtVersion::V1) {
    wire::PtRequest request;
    request.version = version;
    transport.emplace(role, request, ManagedTransport::Descriptors{lines.ends[1], errors.ends[1]});
  }
  Pipe lines, errors;
  std::optional<ManagedTransport> transport;
};

const auto kDoor = *Endpoint::parse("127.0.0.1:4711");

TEST(ManagedTransport, TellsWhatAClientOffers) {
  Parent parent;
  parent.transport->say_version();
  parent.transport->proxy_done();
  parent.transport->offer(kDoor);
  parent.transport->done();
  const auto said = parent.lines.read();
  EXPECT_TRUE(said.starts_with("VERSION 1\nSTATUS TYPE=version IMPLEMENTATION=footbridge VERSION=")) << said;
  EXPECT_TRUE(said.ends_with("\nPROXY DONE\nCMETHOD footbridge socks5 127.0.0.1:4711\nCMETHODS DONE\n")) << said;
  EXPECT_EQ(parent.errors.read(), "");
}

TEST(ManagedTransport, TellsWhatAServerOffers) {
  Parent parent(wire::PtRole::Server);
  parent.transport->offer(kDoor, {{"pin", Private<std::string>("00ff")}});
  parent.transport->done();
  EXPECT_EQ(parent.lines.read(), "SMETHOD footbridge 127.0.0.1:4711 ARGS:pin=00ff\nSMETHODS DONE\n");
}

TEST(ManagedTransport, FailsOnceAndThenOnlyInTheLog) {
  Parent parent;
  parent.transport->fail("no broker at 192.0.2.1");
  parent.transport->fail("later");
  EXPECT_EQ(parent.lines.read(),
            "CMETHOD-ERROR footbridge no broker at [scrubbed]\nCMETHODS DONE\nLOG SEVERITY=error MESSAGE=\"later\"\n");
}

TEST(ManagedTransport, OfVersion3PutsErrorsOnStandardErrorAndLogsOnlyWhatWasAskedFor) {
  Parent parent(wire::PtRole::Server, wire::PtVersion::V3);
  wire::PtRequest request;
  request.version = wire::PtVersion::V3;
  request.log = wire::PtSeverity::Warning;
  ManagedTransport transport(wire::PtRole::Server, request, {parent.lines.ends[1], parent.errors.ends[1]});
  transport.say_version();
  EXPECT_EQ(transport.proxy_error("why"), kPtExitUnavailable);
  transport.fail("no key");
  transport.log(wire::PtSeverity::Notice, "not wanted");
  transport.log(wire::PtSeverity::Warning, "wanted");
  EXPECT_EQ(parent.lines.read(), "VERSION 3.0\nSMETHODS DONE\nLOG WARN wanted\n");
  EXPECT_EQ(parent.errors.read(), "PROXY-ERROR why\nSMETHOD-ERROR footbridge no key\n");
}

TEST(ManagedTransport, RefusalsHaveTheirExitCodes) {
  using Line = wire::PtRefusal::Line;
  Pipe lines, errors;
  const ManagedTransport::Descriptors to{lines.ends[1], errors.ends[1]};
  EXPECT_EQ(refuse_request(wire::PtVersion::V1, {Line::VersionError, "no-version"}, to), ops::kExitUsage);
  EXPECT_EQ(lines.read(), "VERSION-ERROR no-version\n");
  EXPECT_EQ(refuse_request(wire::PtVersion::V3, {Line::VersionError, "no-version"}, to), kPtExitConfig);
  EXPECT_EQ(refuse_request(wire::PtVersion::V3, {Line::EnvError, "why"}, to), kPtExitUsage);
  EXPECT_EQ(errors.read(), "VERSION-ERROR no-version\nENV-ERROR why\n");
}

// tor always reads; a parent that stops must not stop us with it.
TEST(ManagedTransport, AParentThatDoesNotReadLosesLinesAndNeverHoldsUsUp) {
  Parent parent;
  parent.transport->done();
  const auto from = io::now();
  for (int i = 0; i < 1'000; ++i) parent.transport->log(wire::PtSeverity::Notice, std::string(400, 'x'));
  EXPECT_LT(io::now() - from, kSayLimit);
  EXPECT_GT(parent.transport->dropped(), 0U);
  const auto read = parent.lines.read();
  EXPECT_TRUE(read.ends_with("\"\n")) << "a line is written whole or not at all";
  parent.transport->log(wire::PtSeverity::Notice, "again");
  EXPECT_EQ(parent.lines.read(), "LOG SEVERITY=notice MESSAGE=\"again\"\n");
}

TEST(ManagedTransport, AParentThatIsGoneIsNoError) {
  std::signal(SIGPIPE, SIG_IGN);  // as in main()
  Parent parent;
  ::close(parent.lines.ends[0]);
  parent.transport->offer(kDoor);
  parent.lines.ends[0] = ::dup(parent.lines.ends[1]);
  EXPECT_EQ(parent.transport->dropped(), 1U);
}

TEST(ManagedStart, IsFoundInTheEnvironmentOrAmongTheFlags) {
  using Arguments = std::vector<std::string>;
  EXPECT_FALSE(find_managed_start(wire::PtRole::Client, Arguments{"--broker", "b"}, {{"TOR_PT_PROXY", "x"}}));
  const auto by_tor =
      find_managed_start(wire::PtRole::Client, Arguments{"--broker", "b"}, {{"TOR_PT_MANAGED_TRANSPORT_VER", "1"}});
  EXPECT_EQ((*by_tor)->input.version, wire::PtVersion::V1);
  EXPECT_EQ((*by_tor)->arguments.size(), 2U);
  const auto by_flags =
      find_managed_start(wire::PtRole::Client, Arguments{"--broker", "b", "-transport=footbridge"}, {});
  EXPECT_EQ((*by_flags)->input.version, wire::PtVersion::V3);
  EXPECT_EQ((*by_flags)->arguments, (Arguments{"--broker", "b"}));
}

TEST(ManagedStart, ReadsTheFileOfOptions) {
  const ops::ScratchDir scratch;
  const auto file = scratch.write("options.json", R"({"paths": "2"})");
  const auto start = find_managed_start(wire::PtRole::Client,
                                        std::vector<std::string>{"-transport", "footbridge", "-optionsFile", file}, {});
  ASSERT_TRUE(start && *start);
  EXPECT_EQ((*start)->input.values.at(wire::PtKey::Options), R"({"paths": "2"})");
  const auto absent = find_managed_start(
      wire::PtRole::Client, std::vector<std::string>{"-transport", "footbridge", "-optionsFile", file + ".not"}, {});
  EXPECT_EQ(absent->error().why, "-optionsFile cannot be read, or is too large");
}

}  // namespace
}  // namespace footbridge
