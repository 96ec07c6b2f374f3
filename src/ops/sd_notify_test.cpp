#include "ops/sd_notify.hpp"

#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

// Stands for systemd: a datagram socket at a path, or at an abstract name when it begins with '@'.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.starts_with('@')) address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length), 0);
  }
  ~Manager() { ::close(socket_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  std::string next() const {
    char text[512];
    const auto got = ::recv(socket_, text, sizeof text, 0);
    return got < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(got));
  }

 private:
  int socket_;
};

TEST(ServiceManager, IsToldOverAPathAndOverAnAbstractName) {
  const ScratchDir scratch;
  for (const auto& name : {scratch.path("notify"), "@footbridge-test-" + std::to_string(::getpid())}) {
    const Manager manager(name);
    const ServiceManager service(name.c_str());
    service.ready("serving");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving");
    service.status("3 people");
    EXPECT_EQ(manager.next(), "STATUS=3 people");
    service.watchdog();
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    service.stopping("draining");
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=draining");
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
