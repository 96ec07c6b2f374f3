// Which programs are found, what is made of what they say, and whether that is good, on real sockets.
#include "programs/status/daemons.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <thread>

#include "io/asio.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/status/status_command.hpp"

namespace footbridge::status {
namespace {

namespace fs = std::filesystem;
using Local = asio::local::stream_protocol;

// Somebody who listens and says the same to everybody who asks once.
class Speaker {
 public:
  Speaker(const std::string& path, std::string says) : acceptor_(loop_, Local::endpoint(path)) {
    thread_ = std::thread([this, says = std::move(says)] {
      auto socket = acceptor_.accept();
      std::string heard;
      asio::read_until(socket, asio::dynamic_buffer(heard), "\r\n\r\n");
      boost::system::error_code gone;
      asio::write(socket, asio::buffer(says), gone);
    });
  }
  ~Speaker() { thread_.join(); }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;

 private:
  asio::io_context loop_;
  Local::acceptor acceptor_;
  std::thread thread_;
};

ops::AdminAddress at(const std::string& path) { return {path, {}}; }

TEST(Daemons, AreFoundWhereProgramsPutTheirSockets) {
  const ops::ScratchDir scratch;
  asio::io_context loop;
  for (const auto* folder : {"run", "run/footbridge-broker", "run/other", "state"})
    fs::create_directory(scratch.path(folder));
  const Local::acceptor unit(loop, Local::endpoint(scratch.path("run/footbridge-broker/admin.sock")));
  const Local::acceptor other(loop, Local::endpoint(scratch.path("run/other/admin.sock")));
  const Local::acceptor person(loop, Local::endpoint(scratch.path("state/volunteer.sock")));
  static_cast<void>(scratch.write("state/notes.sock", "a file"));
  const ops::ScopedEnvironment home("XDG_STATE_HOME", scratch.path("nowhere"));
  const ops::ScopedEnvironment none("STATE_DIRECTORY", "");
  Places places;
  EXPECT_EQ(find_daemons(places, scratch.path("run")),
            std::vector{at(scratch.path("run/footbridge-broker/admin.sock"))});
  places.state_dir = ops::FilePath{scratch.path("state")};
  EXPECT_EQ(find_daemons(places, scratch.path("run")), std::vector{at(scratch.path("state/volunteer.sock"))});
  places.admin = at("/somewhere");
  EXPECT_EQ(find_daemons(places, scratch.path("run")), std::vector{at("/somewhere")});
}

TEST(Daemons, AnswerOrSayWhyNot) {
  const ops::ScratchDir scratch;
  {
    const Speaker speaker(scratch.path("well"), "HTTP/1.1 200 OK\r\nX: y\r\n\r\nready\x1b[31m\xc2\x9b\n");
    const auto answer = ask(at(scratch.path("well")), "/readyz", "*/*");
    EXPECT_EQ(answer.silence, Silence::None);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "ready?[31m??\n") << "no other process drives the terminal";
  }
  EXPECT_EQ(ask(at(scratch.path("well")), "/", "*/*").silence, Silence::Nobody) << "its socket was left behind";
  EXPECT_EQ(ask(at(scratch.path("none")), "/", "*/*").silence, Silence::Nobody);
  EXPECT_EQ(ask(at("/" + std::string(200, 'x')), "/", "*/*").silence, Silence::Strange);
  for (const auto& nonsense : {std::string(), std::string("SSH-2.0\r\n\r\n"), std::string(kMaxStatusBytes + 1, 'x')}) {
    const Speaker speaker(scratch.path("odd"), nonsense);
    EXPECT_EQ(ask(at(scratch.path("odd")), "/", "*/*").silence, Silence::Strange) << nonsense.size();
    fs::remove(scratch.path("odd"));
  }
}

TEST(Health, IsGoodWhereSomethingIsFoundAndAllOfItIsReady) {
  const ops::ScratchDir scratch;
  const auto health = [&] { return health_command().run({"--state-dir", scratch.path(".")}); };
  const std::string ready = "HTTP/1.1 200 OK\r\n\r\nready\n";
  EXPECT_EQ(health(), ops::kExitFailed) << "nothing is there";
  {
    const Speaker one(scratch.path("one.sock"), ready);
    EXPECT_EQ(health(), ops::kExitDone);
  }
  {
    const Speaker two(scratch.path("two.sock"), ready);
    EXPECT_EQ(health(), ops::kExitDone) << "what the first left behind is nobody";
  }
  {
    const Speaker three(scratch.path("three.sock"), ready);
    const Speaker four(scratch.path("four.sock"), "HTTP/1.1 503 Service Unavailable\r\n\r\nnot ready: starting\n");
    EXPECT_EQ(health(), ops::kExitFailed);
  }
  const Speaker five(scratch.path("five.sock"), ready);
  const Speaker six(scratch.path("six.sock"), "");
  EXPECT_EQ(health(), ops::kExitFailed) << "one of them gives no answer, as one that hangs";
}

}  // namespace
}  // namespace footbridge::status
