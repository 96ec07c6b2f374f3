// What netstate hears of a program, over real sockets: the newest, one request at a time, and a last word.
#include "programs/state_reporter.hpp"

#include <gtest/gtest.h>
#include <utility>

#include "core/netstate/reporter_chain.hpp"
#include "core/network/directory_chain.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/line_fixture.hpp"

namespace footbridge {
namespace {

// Longer than the pause after one failure is by itself.
constexpr Seconds kWait{4};
static_assert(kWait > core::kReportPauseFrom + core::kReportPauseFrom / 2);

// Hears reports, and holds its answers back while told to.
struct Listener final : http::Handler {
  asio::awaitable<http::Response> handle(http::Request request) override {
    ++waiting;
    const auto batch = wire::parse_report_batch(request.body);
    const auto one = batch ? wire::parse_signed_report(batch->front()) : std::nullopt;
    if (const auto report = one ? wire::parse_state_report(one->report) : std::nullopt) heard.push_back(*report);
    if (hold) {
      io::Wakeup never(co_await asio::this_coro::executor);
      static_cast<void>(co_await never.wait());
    }
    --waiting;
    http::Response out{.status = 204, .content_type = "", .body = {}};
    if (std::exchange(refuse_once, false)) {
      out.status = 429;
      out.headers = {{"Retry-After", std::to_string(kWait.count())}};
    }
    co_return out;
  }
  std::vector<wire::StateReport> heard;
  int waiting = 0;
  bool hold = false;
  bool refuse_once = false;  // and wants to be left alone for kWait
};

struct StateReporterTest : LineFixture {
  Listener netstate;
  http::Server server{context.get_executor(), {.address = kAnyPort}, netstate};
  ops::ScratchDir folder;
  std::uint64_t carried = 0;
  wire::NodeState state = wire::NodeState::Ready;

  StateReporterTest() { scope.spawn(server.run()); }

  ReporterOptions options(wire::NodeRole role, const std::string& url) {
    const auto directory_key = crypto::Ed25519KeyPair::random(rng);
    const auto root = crypto::Ed25519KeyPair::random(rng);
    const auto certificate =
        core::sign_certificate(root, {.directory_key = {directory_key.public_key().raw},
                                      .serial = 1,
                                      .valid = {UnixSeconds{0}, UnixSeconds{count(io::unix_now()) + 86'400}}});
    const auto key = crypto::Ed25519Seed::random(rng);
    const ReporterFile file{Private(*ops::ValueType<ops::HttpUrl>::parse(url)), std::nullopt, key,
                            core::make_reporter_chain(directory_key, certificate,
                                                      {.key = {crypto::Ed25519KeyPair::from(key).public_key().raw},
                                                       .role = role,
                                                       .until = UnixSeconds{count(io::unix_now()) + 3'600}}),
                            core::NetstateSalt::random(rng)};
    const ops::FilePath path{folder.path("reporter.toml")};
    ops::replace_key_file("--out", path, reporter_text(file).reveal_to_socket());
    return {path, "attic"};
  }
  std::unique_ptr<StateReporter> reporter(wire::NodeRole role = wire::NodeRole::Volunteer) {
    return std::make_unique<StateReporter>(context.get_executor(), connector, options(role, url_of(server, "/report")),
                                           role, std::nullopt, rng, [this](const StateReporter&) {
                                             wire::StateReport so;
                                             so.state = state;
                                             so.up_kib = wire::in_steps(carried);
                                             return so;
                                           });
  }
  void close(StateReporter& one) { run(one.close()); }
};

TEST_F(StateReporterTest, TellsHowWeAreAndThatWeAreGone) {
  const auto one = reporter();
  one->start();
  ASSERT_TRUE(until([&] { return netstate.heard.size() == 1; }));
  EXPECT_EQ(netstate.heard.front().state, wire::NodeState::Ready);
  EXPECT_EQ(netstate.heard.front().tag, "attic");
  state = wire::NodeState::Helping;
  ASSERT_TRUE(until([&] { return netstate.heard.size() == 2; })) << "a change is told";
  EXPECT_EQ(netstate.heard.back().state, wire::NodeState::Helping);
  close(*one);
  ASSERT_EQ(netstate.heard.size(), 3U);
  EXPECT_EQ(netstate.heard.back().state, wire::NodeState::Gone);
  EXPECT_EQ(netstate.heard.back().node, netstate.heard.front().node);
  end();
}

TEST_F(StateReporterTest, AsksNobodyTwiceWhileHeDoesNotAnswerAndForgetsWhatWasMissed) {
  netstate.hold = true;
  const auto one = reporter();
  one->start();
  ASSERT_TRUE(until([&] { return netstate.heard.size() == 1; }));
  state = wire::NodeState::Helping;
  until([&] { return netstate.heard.size() > 1; }, Millis{2'500});
  EXPECT_EQ(netstate.heard.size(), 1U) << "two changes' time, and the first answer is still awaited";
  EXPECT_EQ(netstate.waiting, 1);
  const auto began = io::now();
  close(*one);
  EXPECT_LT(io::now() - began, Seconds{4}) << "a program that stops does not wait for netstate";
  end();
}

TEST_F(StateReporterTest, LeavesWhoHasTooMuchToDoAloneForAsLongAsHeSays) {
  netstate.refuse_once = true;
  const auto one = reporter();
  one->start();
  ASSERT_TRUE(until([&] { return netstate.heard.size() == 1; }));
  const auto refused = io::now();
  ASSERT_TRUE(until([&] { return netstate.heard.size() == 2; }, kWait + Seconds{20}));
  EXPECT_GE(io::now() - refused, kWait) << "no sooner than he said";
  close(*one);
  end();
}

TEST_F(StateReporterTest, TakesNoFileOfAnotherRoleAndNoneThatWouldBeReadOnTheWay) {
  const auto refusal = [&](wire::NodeRole file, const std::string& url) -> std::string {
    try {
      const StateReporter refused(context.get_executor(), connector, options(file, url), wire::NodeRole::Egress,
                                  std::nullopt, rng, [](const StateReporter&) { return wire::StateReport{}; });
    } catch (const ops::UsageError& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_NE(refusal(wire::NodeRole::Volunteer, "https://netstate.example/report").find("--role egress"),
            std::string::npos);
  EXPECT_NE(refusal(wire::NodeRole::Egress, "http://netstate.example/report").find("https://"), std::string::npos);
  end();
}

}  // namespace
}  // namespace footbridge
