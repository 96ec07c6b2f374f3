// The binary as people meet it: exit codes, one line for each mistake, and no crash when nobody listens.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

using Texts = std::vector<std::string>;

struct Outcome {
  int code = -1;  // 128 and more: ended by a signal
  std::string out;
  std::string err;
};

enum class Streams { Captured, ErrClosed, OutFull };

std::string contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

Outcome run(const Texts& arguments, Streams streams = Streams::Captured) {
  const ops::ScratchDir scratch;
  const std::string program = FB_BINARY_DIR "/footbridge";
  const auto child = ::fork();
  if (child == 0) {
    const auto open_as = [](const std::string& path, int number) {
      ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT, 0600), number);
    };
    open_as(streams == Streams::OutFull ? "/dev/full" : scratch.path("out"), STDOUT_FILENO);
    open_as(scratch.path("err"), STDERR_FILENO);
    if (streams == Streams::ErrClosed) ::close(STDERR_FILENO);
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::alarm(30);  // none of these waits for anything
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(scratch.path("out")),
          contents(scratch.path("err"))};
}

void expect_usage_error(const Texts& arguments, const std::string& line) {
  const auto outcome = run(arguments);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, line + "\n");
  EXPECT_EQ(outcome.out, "") << "mistakes are said on standard error only";
}

TEST(CommandLine, HelpsAndSaysItsVersion) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_NE(run({}).err.find("Usage: footbridge COMMAND"), std::string::npos);
  for (const auto help : {"help", "--help", "-h"}) {
    EXPECT_EQ(run({help}).code, 0);
    EXPECT_NE(run({help}).out.find("Usage: footbridge COMMAND"), std::string::npos);
  }
  EXPECT_EQ(run({"version"}).out.substr(0, 11), "footbridge ");
}

TEST(CommandLine, ExplainsEachCommand) {
  for (const std::string command : {"demo", "connect", "volunteer", "broker", "egress"}) {
    const auto help = run({command, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.out.find("footbridge " + command + " - "), 0U);
    EXPECT_EQ(run({"help", command}).out, help.out);
    const auto printed = run({command, "--print-config"});
    EXPECT_EQ(printed.code, 0);
    EXPECT_NE(printed.out.find("level = \"notice\"  # default"), std::string::npos);
    EXPECT_EQ(run({"docs", "reference", command}).out, contents(FB_SOURCE_DIR "/docs/ops/config-" + command + ".md"));
    EXPECT_EQ(run({"docs", "example", command}).out, contents(FB_SOURCE_DIR "/docs/ops/config-" + command + ".toml"));
  }
}

TEST(CommandLine, AnswersAMistakeWithOneLineAndTwo) {
  expect_usage_error({"volunter"}, "footbridge volunter: unknown command; did you mean volunteer?");
  expect_usage_error({"broker", "--listn", "x"}, "footbridge broker: unknown flag --listn; did you mean --listen?");
  expect_usage_error({"volunteer", "--slots"},
                     "footbridge volunteer: --slots needs a value: a whole number, 1 to 10, for example --slots 2");
  expect_usage_error(
      {"connect", "--timeout", "10"},
      "footbridge connect: --timeout: \"10\" is a number without a unit; it needs a duration with its unit "
      "(ms, s, m, h, d), 1s to 1h, for example 60s");
  expect_usage_error({"volunteer", "--config", "/nonexistent/v.toml"},
                     "footbridge volunteer: /nonexistent/v.toml: cannot be read: No such file or directory");
  expect_usage_error(
      {"connect"},
      "footbridge connect: --broker: no network is configured; paste an invite into footbridge join, or name a broker, "
      "or look around with: footbridge demo");
}

// The admin listener runs already when a volunteer finds that it cannot keep its state.
TEST(CommandLine, AMistakeThatIsFoundLateIsALineToo) {
  const ops::ScratchDir scratch;
  const auto outcome = run({"volunteer", "--broker", "http://127.0.0.1:1/", "--egress", "ws://127.0.0.1:1/",
                            "--allow-private-egress", "--agreed", "--admin", scratch.path("admin"), "--state-dir", "/proc/none"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "footbridge volunteer: --state-dir: /proc/none: No such file or directory\n");
}

TEST(CommandLine, ChecksAConfigurationWithoutRunningIt) {
  const ops::ScratchDir scratch;
  const auto good =
      scratch.write("v.toml", "[volunteer]\nbroker = \"http://127.0.0.1:1/\"\negress = [\"ws://e.example/\"]\n");
  EXPECT_EQ(run({"volunteer", "--config", good, "--check-config"}).code, 0);
  const auto bad = scratch.write("b.toml", "[volunteer]\nbrokr = \"http://127.0.0.1:1/\"\n");
  expect_usage_error(
      {"volunteer", "--config", bad, "--check-config"},
      "footbridge volunteer: " + bad + ":2:1: unknown key volunteer.brokr; did you mean volunteer.broker?");
}

TEST(CommandLine, SurvivesStreamsThatAreClosedOrFull) {
  EXPECT_EQ(run({"broker", "--listn"}, Streams::ErrClosed).code, 2);
  EXPECT_EQ(run({}, Streams::ErrClosed).code, 2);
  EXPECT_EQ(run({"help"}, Streams::OutFull).code, 1);
  EXPECT_EQ(run({"broker", "--help"}, Streams::OutFull).code, 1);
  EXPECT_EQ(run({"broker", "--help"}, Streams::OutFull).err, "footbridge broker: standard output cannot be written\n");
}

TEST(CommandLine, RefusesAKeyThatOthersCanRead) {
  const ops::ScratchDir scratch;
  const auto key = scratch.write("leg.key", std::string(64, '0') + "\n", 0644);
  expect_usage_error(
      {"broker", "--listen", "127.0.0.1:0", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", key},
      "footbridge broker: --leg-key-file: " + key + " can be read by others (mode 0644); run: chmod 600 " + key);
}

// A broker that runs until it is told to stop, with its standard error in our hands.
class RunningBroker {
 public:
  explicit RunningBroker(const Texts& more) {
    key_ = scratch_.write("leg.key", std::string(64, '0') + "\n");
    Texts arguments = {"broker", "--listen", "127.0.0.1:0", "--egress", "ws://127.0.0.1:1/", "--leg-key-file", key_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDERR_FILENO);
      std::vector<char*> argv{const_cast<char*>("footbridge")};
      for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      ::alarm(30);
      ::execv(FB_BINARY_DIR "/footbridge", argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    from_ = ends[0];
  }
  ~RunningBroker() {
    if (child_ > 0) stop();
  }
  RunningBroker(const RunningBroker&) = delete;
  RunningBroker& operator=(const RunningBroker&) = delete;

  // Reads on until `word` was logged; false: the log ended without it.
  bool logs(std::string_view word) {
    char block[4096];
    while (log_.find(word) == std::string::npos) {
      const auto got = ::read(from_, block, sizeof block);
      if (got <= 0) return false;
      log_.append(block, static_cast<std::size_t>(got));
    }
    return true;
  }
  void signal(int number) const { ::kill(child_, number); }
  int stop() {
    signal(SIGTERM);
    while (logs("\1")) continue;  // to the end: nothing logs this
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    ::close(from_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  const std::string& log() const { return log_; }

 private:
  ops::ScratchDir scratch_;
  std::string key_;
  std::string log_;
  pid_t child_ = -1;
  int from_ = -1;
};

TEST(CommandLine, DrainsOnTheFirstSignalAndLogsNoAddress) {
  RunningBroker broker({});
  ASSERT_TRUE(broker.logs("event=broker-ready")) << broker.log();
  EXPECT_EQ(broker.stop(), 0);
  EXPECT_NE(broker.log().find("event=stopped"), std::string::npos);
  EXPECT_EQ(broker.log().find("127.0.0.1"), std::string::npos) << broker.log();
}

TEST(CommandLine, KeepsItsConfigurationWhenAReloadIsWrong) {
  const ops::ScratchDir scratch;
  const auto file = scratch.write("b.toml", "[log]\nlevel = \"notice\"\n");
  RunningBroker broker({"--config", file});
  ASSERT_TRUE(broker.logs("event=broker-ready")) << broker.log();
  scratch.write("b.toml", "[log]\nlevl = \"info\"\n");
  broker.signal(SIGHUP);
  EXPECT_TRUE(broker.logs("event=reload-refused")) << broker.log();
  scratch.write("b.toml", "[log]\nlevel = \"info\"\n");
  broker.signal(SIGHUP);
  EXPECT_TRUE(broker.logs("event=reloaded")) << broker.log();
  EXPECT_EQ(broker.stop(), 0);
}

TEST(CommandLine, SaysThatAPortIsInUseAndEndsWithOne) {
  RunningBroker broker({});
  ASSERT_TRUE(broker.logs("event=broker-ready"));
  const auto at = broker.log().find("port=") + 5;
  const auto port = broker.log().substr(at, broker.log().find_first_not_of("0123456789", at) - at);
  const ops::ScratchDir scratch;
  const auto key = scratch.write("leg.key", std::string(64, '0'));
  const auto second =
      run({"broker", "--listen", "127.0.0.1:" + port, "--egress", "ws://127.0.0.1:1/", "--leg-key-file", key});
  EXPECT_EQ(second.code, 1);
  EXPECT_EQ(second.err.substr(0, 28), "footbridge broker: --listen ") << second.err;
}

}  // namespace
}  // namespace footbridge
