#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/address.hpp"
#include "observe/logger.hpp"

namespace footbridge::observe {
namespace {

using namespace std::chrono_literals;

enum class Colour : std::uint8_t { Red };
std::string_view name(Colour) { return "red"; }
enum class Nameless : std::uint8_t { One };

static_assert(Loggable<int> && Loggable<std::uint16_t> && Loggable<bool> && Loggable<double> && Loggable<Millis>);
static_assert(Loggable<std::string> && Loggable<std::string_view> && Loggable<char[4]> && Loggable<Colour> &&
              Loggable<ScopeId>);
static_assert(!Loggable<Private<std::string>> && !Loggable<Private<int>> && !Loggable<Private<Endpoint>>);
static_assert(!Loggable<Endpoint> && !Loggable<IpAddress> && !Loggable<ByteView> && !Loggable<Bytes>);
static_assert(!Loggable<void*> && !Loggable<Nameless> && !Loggable<std::atomic<int>>);

struct TestLog {
  TimePoint now{};
  std::vector<Record> records;
  bool writable = true;
  Logger logger{[this](const Record& record, const LogSettings&) {
                  if (writable) records.push_back(record);
                  return writable;
                },
                {[this] { return now; }, [] { return WallTime(0ms); }}};

  template <class... Fields>
  void say(Level level, Event event, const Fields&... fields) {
    const std::array<KeyValue, sizeof...(fields)> all{fields...};
    logger.write(level, event, all);
  }
};

Record sample() {
  SeededRng rng(7);
  return {WallTime(1'700'000'000'123ms),
          Level::Notice,
          "match",
          {{"nat", std::string("open")}, {"took", Duration(12ms)}},
          0};
}

TEST(LogLine, IsLogfmtWithTimeAndLevel) {
  EXPECT_EQ(format_line(sample(), Format::Logfmt, false),
            "time=2023-11-14T22:13:20.123Z level=notice event=match nat=open took=12ms\n");
}

TEST(LogLine, LeavesTimeAndLevelToTheJournal) {
  EXPECT_EQ(format_line(sample(), Format::Logfmt, true), "<5>event=match nat=open took=12ms\n");
}

TEST(LogLine, IsOneJsonObject) {
  EXPECT_EQ(format_line(sample(), Format::Json, false),
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"notice\",\"event\":\"match\",\"nat\":\"open\",\"took\":"
            "0.012}\n");
}

TEST(LogLine, EscapesWhatCouldForgeALineOrDriveATerminal) {
  Record record{WallTime(0ms), Level::Err, "e", {}, 0};
  const auto logfmt = [&](std::string value) {
    record.fields = {{"k", std::move(value)}};
    const auto line = format_line(record, Format::Logfmt, true);
    return line.substr(sizeof "<3>event=e k=" - 1, line.size() - sizeof "<3>event=e k=");
  };
  EXPECT_EQ(logfmt("plain"), "plain");
  EXPECT_EQ(logfmt(""), "\"\"");
  EXPECT_EQ(logfmt("a b"), "\"a b\"");
  EXPECT_EQ(logfmt("a=b"), "\"a=b\"");
  EXPECT_EQ(logfmt("a\nlevel=err"), "\"a\\nlevel=err\"");
  EXPECT_EQ(logfmt("quote\"back\\"), "\"quote\\\"back\\\\\"");
  EXPECT_EQ(logfmt("\x1b[31m"), "\"\\u001b[31m\"");
  EXPECT_EQ(logfmt("\x7f"), "\"\\u007f\"");
  EXPECT_EQ(logfmt("\xc2\x9b"), "\"\\u009b\"");                 // C1 control, the 8-bit ESC [
  EXPECT_EQ(logfmt("\xc3\xa9"), "\"\\u00e9\"");                 // é
  EXPECT_EQ(logfmt("\xf0\x9f\x98\x80"), "\"\\ud83d\\ude00\"");  // a surrogate pair
  EXPECT_EQ(logfmt("\xff\xc0\xaf"), "\"\\ufffd\\ufffd\\ufffd\"");
  EXPECT_EQ(logfmt("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");  // a surrogate on its own
  EXPECT_EQ(logfmt(std::string("\0", 1)), "\"\\u0000\"");
}

TEST(LogLine, NeverExceedsWhatAPipeTakesAtOnce) {
  Record record{WallTime(0ms), Level::Info, "e", {}, 0};
  for (int i = 0; i < 100; ++i) record.fields.emplace_back("k" + std::to_string(i), std::string(300, '\x01'));
  for (const auto format : {Format::Logfmt, Format::Json}) {
    const auto line = format_line(record, format, false);
    EXPECT_LE(line.size(), kMaxLineBytes);
    EXPECT_NE(line.find("cut"), std::string::npos);
    EXPECT_EQ(line.back(), '\n');
  }
}

TEST(Logger, SwallowsWhatComesTooOftenAndSaysHowMuch) {
  TestLog log;
  for (int i = 0; i < 105; ++i) log.say(Level::Notice, "flood", kv("i", i));
  EXPECT_EQ(log.records.size(), 5U);
  EXPECT_EQ(log.logger.counts().suppressed, 100U);
  log.now += 29s;
  log.say(Level::Notice, "flood");
  EXPECT_EQ(log.records.size(), 5U) << "a token comes back after 30 s, not before";
  log.now += 1s;
  log.say(Level::Notice, "flood");
  ASSERT_EQ(log.records.size(), 6U);
  EXPECT_EQ(log.records.back().suppressed, 101U);
  log.now += 24h;
  for (int i = 0; i < 10; ++i) log.say(Level::Notice, "flood");
  EXPECT_EQ(log.records.size(), 11U) << "a long silence earns a burst and no more";
  EXPECT_EQ(log.records[6].suppressed, 0U);
}

TEST(Logger, LimitsEachEventByItself) {
  TestLog log;
  for (int i = 0; i < 50; ++i) log.say(Level::Notice, "flood");
  log.say(Level::Err, "disk-full");
  EXPECT_EQ(log.records.back().event, "disk-full");
}

TEST(Logger, ScrubsTextUnlessToldNotTo) {
  TestLog log;
  log.say(Level::Notice, "one", kv("why", "no route to 192.0.2.1"));
  EXPECT_EQ(log.records.back().field("why"), "no route to [scrubbed]");
  log.logger.configure({.unsafe = true});
  log.say(Level::Notice, "two", kv("why", "no route to 192.0.2.1"));
  EXPECT_EQ(log.records.back().field("why"), "no route to 192.0.2.1");
}

TEST(Logger, ScrubsBeforeItCuts) {
  TestLog log;
  log.say(Level::Notice, "long", kv("why", std::string(kMaxValueBytes - 8, 'x') + " 192.0.2.123 and so on"));
  EXPECT_EQ(log.records.back().field("why")->find("192"), std::string::npos);
  log.say(Level::Notice, "long", kv("why", std::string(2 * kMaxValueBytes - 8, ' ') + "192.0.2.123 and so on"));
  EXPECT_EQ(log.records.back().field("why")->find("192"), std::string::npos);
}

TEST(Logger, WarnsOfUnsafeLoggingAtOnceAndEachHour) {
  TestLog log;
  log.logger.configure({.unsafe = true});
  const auto warnings = [&] {
    return std::count_if(log.records.begin(), log.records.end(),
                         [](const Record& r) { return r.event == "unsafe-logging"; });
  };
  EXPECT_EQ(warnings(), 1);
  log.now += 59min;
  log.say(Level::Info, "any");
  EXPECT_EQ(warnings(), 1);
  log.now += 1min;
  log.say(Level::Info, "any");
  EXPECT_EQ(warnings(), 2);
}

TEST(Logger, WritesAnEnumByItsName) {
  TestLog log;
  log.say(Level::Notice, "colour", kv("is", Colour::Red));
  EXPECT_EQ(log.records.back().field("is"), "red");
}

TEST(Logger, CountsWhatCouldNotBeWritten) {
  TestLog log;
  log.writable = false;
  log.say(Level::Err, "lost");
  EXPECT_EQ(log.logger.counts().unwritten, 1U);
}

TEST(Log, ReachesTheCaptureFromManyThreads) {
  LogCapture capture;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) log(Level::Debug, "from-thread", kv("i", i));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(capture.count("from-thread"), 200U);
}

TEST(Log, IsSilentBelowItsLevel) {
  LogCapture capture({.level = Level::Warn});
  log(Level::Notice, "quiet");
  log(Level::Warn, "loud");
  EXPECT_EQ(capture.count("quiet"), 0U);
  EXPECT_EQ(capture.count("loud"), 1U);
}

// Runs `body` in a child whose standard error is `descriptor`; answers its exit code.
template <class Body>
int with_stderr(int descriptor, Body body) {
  const auto child = ::fork();
  if (child == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    ::alarm(10);  // a blocked write must fail the test, not hang it
    if (descriptor < 0)
      ::close(STDERR_FILENO);
    else
      ::dup2(descriptor, STDERR_FILENO);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int unwritten_of_many() {
  Logger logger(stderr_sink(), {[] { return TimePoint{}; }, [] { return WallTime(0ms); }});
  const std::string text(400, 'x');
  const std::array fields{kv("a", text), kv("b", text), kv("c", text)};
  for (int i = 0; i < 200; ++i) logger.write(Level::Debug, "fill", fields);
  return static_cast<int>(logger.counts().unwritten);
}

TEST(StderrSink, SurvivesAClosedDescriptor) { EXPECT_EQ(with_stderr(-1, unwritten_of_many), 200); }

TEST(StderrSink, SurvivesAFullDisk) {
  const int full = ::open("/dev/full", O_WRONLY);
  EXPECT_EQ(with_stderr(full, unwritten_of_many), 200);
  ::close(full);
}

TEST(StderrSink, SurvivesAReaderThatWentAway) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(with_stderr(ends[1], unwritten_of_many), 200);
  ::close(ends[1]);
}

TEST(StderrSink, DropsLinesInsteadOfWaitingForASlowReader) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto unwritten = with_stderr(ends[1], unwritten_of_many);  // 250 KB into a pipe of 64 KB that nobody reads
  EXPECT_GT(unwritten, 100);
  EXPECT_LT(unwritten, 200);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace footbridge::observe
