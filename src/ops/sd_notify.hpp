// Tells systemd how we are (sd_notify(3)): datagrams to the Unix socket named by $NOTIFY_SOCKET, also an abstract one.
// Without that variable every call does nothing; a failure to tell is not our failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace footbridge::ops {

class ServiceManager {
 public:
  explicit ServiceManager(const char* socket_path);  // nullptr or empty: nobody to tell
  static ServiceManager from_environment();          // $NOTIFY_SOCKET

  void ready(std::string_view status = {}) const;
  // Around a reload; `now` is of the steady clock (CLOCK_MONOTONIC), by which systemd tells our word from an older one.
  void reloading(TimePoint now) const;
  void reloaded() const;
  // It ends within that time; systemd waits for so long at least, whatever the unit says.
  void stopping(std::string_view status, Millis within) const;
  void status(std::string_view text) const;
  void watchdog() const;

  // Half of $WATCHDOG_USEC, when it is set for this process: how often watchdog() is due.
  static std::optional<Millis> watchdog_interval();

 private:
  void send(const std::string& message) const;
  std::string path_;
};

}  // namespace footbridge::ops
