// The admin listener on real sockets: loopback and a Unix socket.
#include "ops/admin.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "io/test_scope.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

// Runs an Admin on a thread of its own and speaks to it with blocking sockets.
class Running {
 public:
  explicit Running(const AdminAddress& address)
      : address_(address),
        admin_(loop_.get_executor(), address,
               {[](observe::Exposition as) {
                  return std::string(as == observe::Exposition::OpenMetrics ? "# EOF\n" : "footbridge_up 1\n");
                },
                [this]() -> std::optional<std::string> {
                  if (draining_) return "draining";
                  return std::nullopt;
                },
                {{"/slots",
                  [](std::string_view query) {
                    return AdminReply{200, "slots " + std::string(query)};
                  }}},
                [](StatusForm form) { return std::string(form == StatusForm::Json ? "{}\n" : "well\n"); },
                [] { return std::string("admin: 1 scope, 1 task\n"); }}),
        scope_(loop_.get_executor()) {
    scope_.spawn(admin_.run());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Running() {
    asio::post(loop_, [this] { scope_.cancel(); });
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void drain() { draining_ = true; }

  std::string say(const std::string& request) const {
    asio::io_context context;
    boost::system::error_code error;
    std::string reply(16 * 1024, '\0');
    const auto converse = [&](auto socket, const auto& endpoint) {
      socket.connect(endpoint);
      asio::write(socket, asio::buffer(request), error);
      reply.resize(asio::read(socket, asio::buffer(reply), error));
    };
    if (address_.unix_path.empty())
      converse(io::tcp::socket(context), io::tcp::endpoint(asio::ip::address_v4::loopback(), admin_.port()));
    else
      converse(asio::local::stream_protocol::socket(context),
               asio::local::stream_protocol::endpoint(address_.unix_path));
    return reply;
  }
  std::string ask(const std::string& line, const std::string& more = "Host: 127.0.0.1\r\n") const {
    return say(line + " HTTP/1.1\r\n" + more + "\r\n");
  }
  static std::string status(const std::string& reply) { return reply.substr(0, 12); }

 private:
  AdminAddress address_;
  std::atomic<bool> draining_ = false;
  asio::io_context loop_{1};
  Admin admin_;
  io::TestScope scope_;
  std::thread thread_;
};

const AdminAddress kAnyPort{{}, loopback(0)};

TEST(Admin, AnswersHealthAndMetrics) {
  Running admin(kAnyPort);
  EXPECT_EQ(Running::status(admin.ask("GET /livez")), "HTTP/1.1 200");
  EXPECT_EQ(Running::status(admin.ask("GET /readyz")), "HTTP/1.1 200");
  const auto metrics = admin.ask("GET /metrics");
  EXPECT_NE(metrics.find("version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(metrics.ends_with("\r\n\r\nfootbridge_up 1\n")) << metrics;
  admin.drain();
  EXPECT_EQ(Running::status(admin.ask("GET /readyz")), "HTTP/1.1 503");
  EXPECT_EQ(Running::status(admin.ask("GET /livez")), "HTTP/1.1 200");
  EXPECT_EQ(Running::status(admin.ask("GET /other")), "HTTP/1.1 404");
  EXPECT_EQ(Running::status(admin.ask("POST /metrics")), "HTTP/1.1 405");
}

TEST(Admin, WritesAsWhoAsksWants) {
  const Running admin(kAnyPort);
  const auto ask = [&](const std::string& path, const std::string& accept) {
    return admin.ask("GET " + path, "Host: 127.0.0.1\r\nAccept: " + accept + "\r\n");
  };
  const auto open = ask("/metrics", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
  EXPECT_NE(open.find("Content-Type: application/openmetrics-text; version=1.0.0"), std::string::npos) << open;
  EXPECT_TRUE(open.ends_with("# EOF\n"));
  for (const auto* accept : {"*/*", "text/plain", "application/openmetrics-text;q=0, */*"})
    EXPECT_TRUE(ask("/metrics", accept).ends_with("footbridge_up 1\n")) << accept;
  EXPECT_TRUE(ask("/status", "*/*").ends_with("\r\n\r\n{}\n"));
  EXPECT_NE(ask("/status", "*/*").find("Content-Type: application/json"), std::string::npos);
  EXPECT_TRUE(ask("/status", "text/plain").ends_with("\r\n\r\nwell\n"));
  EXPECT_TRUE(admin.ask("GET /debug/scopes").ends_with("admin: 1 scope, 1 task\n"));
}

TEST(Admin, DoesNotTalkToWebPages) {
  const Running admin(kAnyPort);
  for (const auto headers :
       {"Host: evil.example\r\n", "", "Host: 127.0.0.1.evil.example\r\n", "Host: [::1].evil.example\r\n",
        "Host: localhost\r\nOrigin: http://evil.example\r\n", "Host: localhost\r\nReferer: http://evil.example/\r\n",
        "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"})
    EXPECT_EQ(Running::status(admin.ask("GET /metrics", headers)), "HTTP/1.1 403") << headers;
  for (const auto headers : {"Host: localhost:9100\r\n", "Host: [::1]:9100\r\n", "Host: 127.0.0.1:9100\r\n"})
    EXPECT_EQ(Running::status(admin.ask("GET /metrics", headers)), "HTTP/1.1 200") << headers;
}

TEST(Admin, TakesCommandsOverAUnixSocketOnly) {
  EXPECT_EQ(Running::status(Running(kAnyPort).ask("POST /slots?count=3")), "HTTP/1.1 403");
  const ScratchDir scratch;
  const Running admin({scratch.path("a.sock"), {}});
  EXPECT_TRUE(admin.ask("POST /slots?count=3").ends_with("slots count=3\n"));
  EXPECT_EQ(Running::status(admin.ask("GET /slots?count=3")), "HTTP/1.1 405");
}

TEST(Admin, KeepsItsSocketToItsOwnerAndRemovesIt) {
  const ScratchDir scratch;
  const auto path = scratch.path("a.sock");
  {
    const Running admin({path, {}});
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Admin, ReplacesADeadSocketAndRefusesALiveOne) {
  const ScratchDir scratch;
  const auto path = scratch.path("a.sock");
  {
    asio::io_context context;
    const asio::local::stream_protocol::acceptor dead(context, asio::local::stream_protocol::endpoint(path));
  }
  const Running admin({path, {}});
  EXPECT_EQ(Running::status(admin.ask("GET /livez")), "HTTP/1.1 200");
  asio::io_context context;
  EXPECT_THROW(Admin(context.get_executor(), {path, {}}, {}), RunError);
  EXPECT_EQ(Running::status(admin.ask("GET /livez")), "HTTP/1.1 200") << "the other one must not have taken the file";
  const auto file = scratch.write("file", "precious");
  EXPECT_THROW(Admin(context.get_executor(), {file, {}}, {}), RunError);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(Admin, ClosesOnWhatIsNotARequest) {
  const Running admin(kAnyPort);
  EXPECT_EQ(admin.say("\x16\x03\x01garbage\r\n\r\n"), "");
  EXPECT_EQ(admin.say("GET /livez HTTP/1.1\r\nX: " + std::string(2 * kMaxAdminHeadBytes, 'x') + "\r\n\r\n"), "");
  EXPECT_EQ(Running::status(admin.ask("GET /livez")), "HTTP/1.1 200");
}

}  // namespace
}  // namespace footbridge::ops
