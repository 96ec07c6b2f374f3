// What netstate answers, over real sockets: to who reports, to who looks, and to who may do neither.
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/netstate/egress_name.hpp"
#include "core/netstate/reporter_chain.hpp"
#include "core/network/directory_chain.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/unix_millis.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/line_fixture.hpp"
#include "programs/netstate/netstate_status.hpp"
#include "programs/netstate/page_files.hpp"
#include "programs/netstate/view_door.hpp"

namespace footbridge::netstate {
namespace {

using Json = nlohmann::json;

// A reporter of a network that `root` is the root of.
struct Reporter {
  Reporter(const crypto::Ed25519KeyPair& root, wire::NodeRole its_role, Rng& rng)
      : role(its_role), key(crypto::Ed25519KeyPair::random(rng)), node(wire::NodeName::random(rng)) {
    const auto directory_key = crypto::Ed25519KeyPair::random(rng);
    const auto soon = UnixSeconds{count(io::unix_now()) + 3'600};
    const auto certificate = core::sign_certificate(
        root, {.directory_key = {directory_key.public_key().raw}, .serial = 1, .valid = {UnixSeconds{0}, soon}});
    chain = core::make_reporter_chain(directory_key, certificate,
                                      {.key = {key.public_key().raw}, .role = role, .until = soon});
  }
  Bytes batch(std::uint32_t people = 0) {
    wire::StateReport report{.node = node, .role = role, .sequence = ++sequence, .state = wire::NodeState::Ready};
    report.tag = "attic";
    if (people > 0) {
      report.state = wire::NodeState::Helping;
      report.legs = {{egress, people}};
    }
    return wire::encode_report_batch({core::sign_state_report(key, chain, report, io::unix_millis())});
  }
  wire::NodeRole role;
  crypto::Ed25519KeyPair key;
  wire::NodeName node;
  wire::EgressName egress{};
  Bytes chain;
  std::uint64_t sequence = 0;
};

struct NetstateDoor : LineFixture {
  explicit NetstateDoor(std::optional<std::string> token = std::nullopt)
      : token_file(token ? std::optional(ops::FilePath{folder.write("token", *token)}) : std::nullopt) {
    scope.spawn(server.run());
  }
  ~NetstateDoor() override {
    live.stream().close();
    end();
  }

  struct Answer {
    int status = 0;
    std::string head;
    std::string body;
  };
  // The whole answer, or for a feed what has come when `enough` is in it.
  Answer ask(const std::string& request, const std::string& enough = "") {
    io::tcp::socket socket(context);
    socket.connect(io::to_tcp(server.local()));
    socket.non_blocking(true);
    asio::write(socket, asio::buffer(request));
    std::string all;
    bool ended = false;
    // What comes is no event of the loop that the server runs on: that one is never waited for longer than a moment.
    const auto deadline = io::now() + Seconds{5};
    context.restart();
    while (!ended && (enough.empty() || all.find(enough) == std::string::npos) && io::now() < deadline) {
      std::array<char, 65536> chunk{};
      boost::system::error_code error;
      const auto count = socket.read_some(asio::buffer(chunk), error);
      if (!error) all.append(chunk.data(), count);
      ended = error && error != asio::error::would_block;
      context.run_one_for(std::chrono::milliseconds(2));
    }
    const auto split = all.find("\r\n\r\n");
    if (split == std::string::npos) return {};
    return {std::stoi(all.substr(9, 3)), all.substr(0, split + 2), all.substr(split + 4)};
  }
  Answer get(const std::string& target, const std::string& more = "", const std::string& enough = "") {
    return ask("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n", enough);
  }
  Answer post(const std::string& target, ByteView body) {
    return ask("POST " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + std::string(as_text(body)));
  }
  Json snapshot() { return Json::parse(get("/snapshot.json").body); }

  ops::ScratchDir folder;
  std::optional<ops::FilePath> token_file;
  std::string host = "127.0.0.1:8904";
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  observe::Registry registry;
  NetstateMetrics metrics{registry};
  LiveState live{context.get_executor(), core::root_key(root), core::kPrivateView, rng};
  ViewerAccess access{token_file, false, rng};
  UnboundedDoor unbounded{live, rng};
  ReportDoor reports{live, metrics, &unbounded};
  ViewDoor views{live, access, page_files(std::nullopt), metrics, &reports, &unbounded};
  http::Server server{context.get_executor(), {.address = kAnyPort}, views};
};

TEST_F(NetstateDoor, ShowsWhoHasReportedAndToWhomHeCarries) {
  Reporter volunteer(root, wire::NodeRole::Volunteer, rng);
  EXPECT_EQ(post("/report", volunteer.batch(3)).status, 204);
  ASSERT_TRUE(until([&] { return snapshot()["nodes"].size() == 2; })) << snapshot();
  const auto shown = snapshot();
  ASSERT_EQ(shown["edges"].size(), 1U);
  EXPECT_EQ(shown["edges"][0]["people"], 3);
}

TEST_F(NetstateDoor, AnswersEachWrongBatchWithItsOwnStatus) {
  Reporter stranger(crypto::Ed25519KeyPair::random(rng), wire::NodeRole::Volunteer, rng);
  Reporter volunteer(root, wire::NodeRole::Volunteer, rng);
  auto forged = volunteer.batch();
  forged.back() ^= std::byte{1};
  EXPECT_EQ(post("/report", to_bytes("not a report")).status, 400);
  EXPECT_EQ(post("/report", stranger.batch()).status, 401);
  EXPECT_EQ(post("/report", Bytes(64 * 1024 + 1)).status, 413);
  EXPECT_EQ(get("/report").status, 404);
  EXPECT_NE(post("/report", forged).status, 204);
  EXPECT_TRUE(snapshot()["nodes"].empty());
}

TEST_F(NetstateDoor, TellsItsOperatorHowMuchItHearsAndWhatItMakesOfIt) {
  Reporter volunteer(root, wire::NodeRole::Volunteer, rng);
  EXPECT_EQ(post("/report", volunteer.batch(3)).status, 204);
  EXPECT_EQ(post("/report", volunteer.batch(3)).status, 204);
  EXPECT_EQ(post("/report", to_bytes("not a report")).status, 400);
  const auto watching = live.stream().watch("");
  StatusReport report;
  tell_status(report, live.state(), live.stream().viewers());
  EXPECT_EQ(Json::parse(report.json()),
            Json({{"nodes", 2}, {"edges", 1}, {"viewers", 1}, {"reports", 2}, {"reports_refused", 1}}));
}

TEST_F(NetstateDoor, SendsASnapshotAndThenWhatIsNew) {
  Reporter volunteer(root, wire::NodeRole::Volunteer, rng);
  const auto first = get("/events", "", "event: tick");
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(first.head.find("default-src 'none'"), std::string::npos) << first.head;
  ASSERT_TRUE(first.body.starts_with("event: snapshot\nid: ")) << first.body;
  const auto seen = first.body.substr(20, first.body.find('\n', 20) - 20);
  EXPECT_EQ(post("/report", volunteer.batch(1)).status, 204);
  const auto resumed = get("/events", "Last-Event-ID: " + seen + "\r\n", "\n\n");
  EXPECT_TRUE(resumed.body.starts_with("event: delta\nid: ")) << resumed.body;
  EXPECT_NE(resumed.body.find("\"attic\""), std::string::npos);
  EXPECT_TRUE(get("/events", "Last-Event-ID: 17\r\n", "\n\n").body.starts_with("event: snapshot\n"))
      << "nobody knows what followed that";
}

TEST_F(NetstateDoor, LetsOnlySoManyWatchAtOnce) {
  std::vector<std::unique_ptr<http::Feed>> watching;
  while (watching.size() < kMaxViewers) ASSERT_TRUE(watching.emplace_back(live.stream().watch("")));
  EXPECT_EQ(get("/events").status, 503);
  EXPECT_EQ(metrics.viewers_refused.value(), 1U);
  watching.pop_back();
  EXPECT_EQ(get("/events", "", "\n\n").status, 200);
}

TEST_F(NetstateDoor, MakesALargeTextOnceForAllWhoAskMeanwhile) {
  Reporter volunteer(root, wire::NodeRole::Volunteer, rng);
  const auto before = get("/replay.json").body;
  EXPECT_EQ(post("/report", volunteer.batch()).status, 204);
  ASSERT_TRUE(until([&] { return snapshot()["nodes"].size() == 1; }));
  EXPECT_EQ(get("/replay.json").body, before) << "for a minute";
}

TEST_F(NetstateDoor, AnswersNobodyWhoAsksForThisMachineByAnotherName) {
  EXPECT_EQ(get("/snapshot.json").status, 200);
  host = "localhost";
  EXPECT_EQ(get("/snapshot.json").status, 200);
  host = "elsewhere.example:8904";
  EXPECT_EQ(get("/snapshot.json").status, 401);
  EXPECT_EQ(get("/events").status, 401);
  EXPECT_EQ(get("/data").status, 401);
}

// Rows of the specification: | `METHOD /path` | …
std::vector<std::pair<std::string, std::string>> specified_requests() {
  std::ifstream page(FB_SOURCE_DIR "/docs/spec/18-netstate.md");
  std::vector<std::pair<std::string, std::string>> out;
  for (std::string line; std::getline(page, line);)
    for (const std::string method : {"GET", "POST"})
      if (const auto head = "| `" + method + " "; line.starts_with(head))
        out.emplace_back(method, line.substr(head.size(), line.find('`', head.size()) - head.size()));
  return out;
}

TEST_F(NetstateDoor, ServesWhatItsSpecificationListsAndNothingElse) {
  const auto requests = specified_requests();
  EXPECT_EQ(requests.size(), 10U);
  for (const auto& [method, target] : requests) {
    const auto answer = method == "POST" ? post(target, {}) : get(target, "", "\r\n\r\n");
    EXPECT_NE(answer.status, 404) << target;
    EXPECT_NE(answer.status, 0) << target;
  }
  EXPECT_EQ(get("/series.json?hours=" + std::to_string(core::kMaxSeriesHours)).status, 200);
  EXPECT_EQ(get("/series.json?hours=" + std::to_string(core::kMaxSeriesHours + 1)).status, 400);
  EXPECT_EQ(get("/series.json?hours=0").status, 400);
  EXPECT_TRUE(get("/snapshot.dot").body.starts_with("digraph")) << get("/snapshot.dot").body;
  for (const auto* const other : {"/frame.html", "/config.json", "/../root.pub", "/neato", "/token"})
    EXPECT_EQ(get(other).status, 404) << other;
}

// W24: what made another program of this kind crash is a request like any other.
TEST_F(NetstateDoor, CountsWhatReportersOfBrowsersUnboundedSayAndKeepsNoneOfIt) {
  const auto exec = [&](std::string_view body) { return post("/exec", to_bytes(body)).body; };
  EXPECT_EQ(exec(R"({"Op":0,"Args":["203.0.113.9,bob,0","short",""],"Tag":"alice"})"), "200\n");
  EXPECT_EQ(exec(R"({"Op":0,"Args":[],"Tag":""})"), "200\n");
  EXPECT_EQ(exec(R"({"Op":0,"Args":null,"Tag":"x"})"), "200\n");
  for (const auto* const wrong : {"", "{", "[]", R"({"Op":7,"Args":[]})", R"({"Args":[]})", R"({"Op":0,"Args":3})"})
    EXPECT_EQ(exec(wrong), "400\n") << wrong;
  EXPECT_EQ(exec(std::string(60'000, '[')), "400\n");
  const auto crowd = [&](std::size_t people) {
    std::string all;
    for (std::size_t i = 0; i < people; ++i) all += i == 0 ? "1" : ",1";
    return exec(R"({"Op":0,"Tag":"x","Args":[)" + all + "]}");
  };
  EXPECT_EQ(crowd(kMaxUnboundedPeople), "200\n");
  EXPECT_EQ(crowd(kMaxUnboundedPeople + 1), "400\n");
  const auto all = get("/snapshot.json").body + get("/data").body + get("/snapshot.dot").body;
  for (const auto* const name : {"203.0.113", "127.0.0.1", "alice", "bob"})
    EXPECT_EQ(all.find(name), std::string::npos) << all;
  EXPECT_EQ(get("/data").head.find("Access-Control"), std::string::npos) << "a page of anybody's would see the network";
  EXPECT_TRUE(until([&] { return Json::parse(get("/data").body).size() == 4; })) << get("/data").body;
}

TEST_F(NetstateDoor, TakesATokenOfItsLengthsAndWithoutBlanksOnly) {
  const auto takes = [&](const std::string& token) {
    try {
      return ViewerAccess(ops::FilePath{folder.write("token", token)}, false, rng).wants_token();
    } catch (const ops::UsageError&) {
      return false;
    }
  };
  EXPECT_TRUE(takes(std::string(kMinTokenChars, 'x')));
  EXPECT_FALSE(takes(std::string(kMinTokenChars - 1, 'x') + "\n"));
  EXPECT_TRUE(takes(std::string(kMaxTokenChars, 'x') + "\n"));
  EXPECT_FALSE(takes(std::string(kMaxTokenChars + 1, 'x')));
  EXPECT_FALSE(takes("0123456789 abcdef"));
}

struct NetstateWithToken : NetstateDoor {
  NetstateWithToken() : NetstateDoor("0123456789abcdef\n") {}
};

TEST_F(NetstateWithToken, ShowsNothingBeforeItWasGivenTheTokenOnce) {
  EXPECT_EQ(get("/").status, 200) << "the page asks for the token";
  EXPECT_EQ(get("/snapshot.json").status, 401);
  EXPECT_EQ(get("/snapshot.json", "Cookie: footbridge_viewer=0123456789abcdef\r\n").status, 401);
  const auto began = io::now();
  EXPECT_EQ(post("/token", to_bytes("0123456789abcdee")).status, 401);
  EXPECT_GE(io::now() - began, kWrongTokenPause);
  const auto entered = post("/token", to_bytes("0123456789abcdef"));
  EXPECT_EQ(entered.status, 204);
  const auto at = entered.head.find("Set-Cookie: ") + 12;
  const auto cookie = entered.head.substr(at, entered.head.find(';', at) - at);
  EXPECT_NE(entered.head.find("; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(cookie.find("0123456789abcdef"), std::string::npos);
  host = "anything.example";
  EXPECT_EQ(get("/snapshot.json", "Cookie: other=1; " + cookie + "\r\n").status, 200);
}

}  // namespace
}  // namespace footbridge::netstate
