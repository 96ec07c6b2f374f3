#include "ops/sd_notify.hpp"

#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "ops/fake_service_manager.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

TEST(ServiceManager, IsToldOverAPathAndOverAnAbstractName) {
  const ScratchDir scratch;
  for (const auto& name : {scratch.path("notify"), "@footbridge-test-" + std::to_string(::getpid())}) {
    const FakeServiceManager manager(name);
    const ServiceManager service(name.c_str());
    service.ready("serving");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving");
    service.status("3 people");
    EXPECT_EQ(manager.next(), "STATUS=3 people");
    service.reloading(TimePoint(Seconds{5}));
    EXPECT_EQ(manager.next(), "RELOADING=1\nMONOTONIC_USEC=5000000");
    service.reloaded();
    EXPECT_EQ(manager.next(), "READY=1") << "its status stays";
    service.watchdog();
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    service.stopping("draining", Seconds(75));
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=75000000");
    EXPECT_EQ(manager.next(), "nothing");
  }
}

TEST(ServiceManager, IsOptional) {
  ServiceManager(nullptr).ready();
  ServiceManager("").ready();
  ServiceManager("/nonexistent/notify").ready();
  ServiceManager(std::string(200, '@').c_str()).ready();
}

TEST(ServiceManager, WantsTheWatchdogTwiceAsOftenAsItBites) {
  ::unsetenv("WATCHDOG_USEC");
  EXPECT_FALSE(ServiceManager::watchdog_interval());
  const ScopedEnvironment interval("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(ServiceManager::watchdog_interval(), Millis(15'000));
  const ScopedEnvironment other("WATCHDOG_PID", "1");
  EXPECT_FALSE(ServiceManager::watchdog_interval()) << "meant for another process";
}

}  // namespace
}  // namespace footbridge::ops
