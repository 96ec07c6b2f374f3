// What systemd and a scraper see of a program's life, on a real socket.
#include "programs/service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <string>

#include "io/clock.hpp"
#include "io/test_scope.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"
#include "observe/logger.hpp"
#include "ops/fake_service_manager.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/proxy/volunteer_options.hpp"

namespace footbridge {
namespace {

asio::awaitable<std::string> ask(std::string path, std::string request) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(asio::local::stream_protocol::endpoint(path), asio::use_awaitable);
  request += " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::string reply(64 * 1024, '\0');
  const auto [error, bytes] = co_await asio::async_read(socket, asio::buffer(reply), io::no_throw);
  reply.resize(bytes);
  co_return reply;
}

TEST(Service, TellsItsLifeFromStartToStop) {
  const ops::ScratchDir scratch;
  const ops::ScopedEnvironment directory("RUNTIME_DIRECTORY", scratch.path("."));
  asio::io_context loop(1);
  observe::Registry registry;
  Service service(loop.get_executor(), {}, registry, {{"/slots", [](std::string_view query) {
                                                         return ops::AdminReply{200, "got " + std::string(query)};
                                                       }}});
  const auto path = scratch.path("./admin.sock");
  bool finished = false;
  const auto life = [&]() -> asio::awaitable<void> {
    service.start();
    EXPECT_NE((co_await ask(path, "GET /readyz")).find("not ready: starting"), std::string::npos);
    service.ready();
    EXPECT_NE((co_await ask(path, "GET /readyz")).find("200 OK"), std::string::npos);
    EXPECT_NE((co_await ask(path, "GET /metrics")).find("footbridge_build_info{version=\""), std::string::npos);
    EXPECT_NE((co_await ask(path, "POST /slots?count=3")).find("got count=3"), std::string::npos);
    service.describe([](StatusReport& report) { report.count(StatusKey::Helping, 4); });
    EXPECT_NE((co_await ask(path, "GET /status")).find("\"state\":\"ready\",\"since\":"), std::string::npos);
    EXPECT_NE((co_await ask(path, "GET /status")).find("\"helping\":4}"), std::string::npos);
    EXPECT_NE((co_await ask(path, "GET /debug/scopes")).find("service: 1 scope, 1 task\n"), std::string::npos);
    service.draining();
    EXPECT_NE((co_await ask(path, "GET /readyz")).find("not ready: draining"), std::string::npos);
    EXPECT_NE((co_await ask(path, "GET /livez")).find("200 OK"), std::string::npos);
    co_await service.stop();
    finished = true;
  };
  io::TestScope scope(loop.get_executor());
  scope.spawn(life());
  loop.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(finished);
}

TEST(Service, OfTwoEnginesInOneProcessAreTwo) {
  asio::io_context loop(1);
  observe::Registry one;
  observe::Registry other;
  const Service first(loop.get_executor(), {}, one);
  const Service second(loop.get_executor(), {}, other);
  EXPECT_EQ(one.series(), other.series()) << "what one registers the other has, too, and neither has it twice";
}

TEST(Service, StarvesTheWatchdogWhileAnotherLoopHangs) {
  const ops::ScratchDir scratch;
  const auto name = scratch.path("notify");
  const ops::FakeServiceManager manager(name);
  const ops::ScopedEnvironment socket("NOTIFY_SOCKET", name);
  const ops::ScopedEnvironment bites("WATCHDOG_USEC", "4000");
  asio::io_context loop(1);
  observe::Registry registry;
  Service service(loop.get_executor(), {}, registry);
  io::Wakeup turned(loop.get_executor());
  const auto wait = [](io::Wakeup& in) -> asio::awaitable<void> { co_await in.wait(); };
  service.start([&] { return wait(turned); });
  const auto heard = [&](Millis within) {
    for (const auto end = io::now() + within; io::now() < end;) {
      loop.run_one_for(std::chrono::milliseconds(1));
      if (auto said = manager.next(); said != "nothing") return said;
    }
    return std::string("nothing");
  };
  EXPECT_EQ(heard(Millis{20}), "nothing");
  for (int i = 0; i < 2; ++i) {
    turned.notify();
    EXPECT_EQ(heard(Seconds{5}), "WATCHDOG=1");
    EXPECT_EQ(heard(Millis{20}), "nothing") << "once for each time that all have turned";
  }
  bool stopped = false;
  asio::co_spawn(loop, service.stop(), [&](const std::exception_ptr&) { stopped = true; });
  loop.run_for(std::chrono::seconds(5));
  EXPECT_TRUE(stopped) << "also while it waits for a loop that hangs";
}

TEST(Service, KeepsWhatItHasWhenAReloadIsWrong) {
  const observe::LogCapture capture;
  const ops::ScratchDir scratch;
  const auto name = scratch.path("notify");
  const ops::FakeServiceManager manager(name);
  const ops::ScopedEnvironment socket("NOTIFY_SOCKET", name);
  asio::io_context loop(1);
  observe::Registry registry;
  Service service(loop.get_executor(), {}, registry);
  proxy::VolunteerOptions applied;
  const auto apply = [&](const proxy::VolunteerOptions& options) { applied = options; };
  reload_options<proxy::VolunteerOptions>(
      service, []() -> Reloaded<proxy::VolunteerOptions> { throw ops::UsageError("v.toml:1:1: no"); }, apply);
  EXPECT_EQ(applied.slots, 2U);
  EXPECT_EQ(manager.next(), "nothing") << "it is not ready, and a reload does not make it so";
  service.ready();
  EXPECT_TRUE(manager.next().starts_with("READY=1"));
  EXPECT_EQ(capture.count("reload-refused"), 1U);
  EXPECT_EQ(capture.count("reloaded"), 0U);
  reload_options<proxy::VolunteerOptions>(
      service,
      [] {
        Reloaded<proxy::VolunteerOptions> out;
        out.options.slots = 7;
        out.reloadable = {"volunteer.slots"};
        out.needs_restart = {"log.format"};
        return out;
      },
      apply);
  EXPECT_EQ(applied.slots, 7U);
  EXPECT_EQ(capture.count("restart-needed"), 1U);
  EXPECT_EQ(capture.count("reloaded"), 1U);
  EXPECT_TRUE(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_EQ(manager.next(), "READY=1") << "also when the reload was refused";
}

}  // namespace
}  // namespace footbridge
