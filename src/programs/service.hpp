// Service: what every long-running program owes the one who runs it: the admin listener, word to systemd, the
// process's own metrics. Made before the program listens, so that a wrong --admin is said first.
//
//   Service service(loop.executor(), options.common, registry);       // throws RunError
//   service.start();  …  service.ready();   // a program of several loops: start([&] { return they_all_turned(); })
//   co_await loop.stop_requested();
//   service.draining();  … drain …  co_await service.stop();          // health and metrics are served until here
//
// The admin listener is where --admin says, else in $RUNTIME_DIRECTORY, else in the program's state directory if it has
// one (admin_place.hpp), so that `footbridge status` finds whoever was just started in a terminal.
//
// Threads: the executor's one thread; `registry` outlives the service.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "io/task_scope.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "ops/admin.hpp"
#include "ops/errors.hpp"
#include "ops/sd_notify.hpp"
#include "programs/common_options.hpp"
#include "programs/status_report.hpp"

namespace footbridge {

// What a drained program still says to peers and disk.
inline constexpr Seconds kAfterDrain{15};

using AdminCommands = std::map<std::string, ops::AdminCommand, std::less<>>;

// Whose service it is, for who asks.
struct ServiceName {
  std::string program = "program";  // "volunteer"
  // Where its socket is made if nobody names a place; nullopt: nowhere.
  std::optional<std::filesystem::path> state_directory = std::nullopt;
};

// What a program adds to its status; called on the service's thread.
using Describe = std::function<void(StatusReport& report)>;

// Returns when each loop of the program besides the first has turned once more.
using OtherLoops = std::function<asio::awaitable<void>()>;

class Service {
 public:
  Service(asio::any_io_executor executor, const CommonOptions& common, observe::Registry& registry,
          AdminCommands commands = {}, const ServiceName& name = {});

  // The watchdog is fed when all loops have turned: one that hangs starves it, and systemd starts the program anew.
  void start(OtherLoops others = {});
  // Accepting work: /readyz says 200, systemd hears READY=1.
  void ready();
  // Around a reload: systemd hears RELOADING=1, then READY=1. Before ready() and while draining it hears nothing: that
  // would be the wrong word.
  void reloading() const;
  void reloaded() const;
  // /readyz says 503 while the rest goes on, systemd hears STOPPING=1 and waits for the drain and kAfterDrain.
  void draining();
  // What the program does, from now on; what it looks at lives until stop() begins.
  void describe(Describe describe) { describe_ = std::move(describe); }
  // What `systemctl status` shows: counts, never addresses.
  void status(std::string_view text) const { manager_.status(text); }
  asio::awaitable<void> stop();

 private:
  enum class State : std::uint8_t { Starting, Ready, Draining };
  void add_own_metrics(observe::Registry& registry) const;
  ops::AdminAnswers answers(observe::Registry& registry, AdminCommands commands);
  std::optional<std::string> not_ready() const;
  StatusReport status_report() const;
  asio::awaitable<void> feed_watchdog(Millis interval, OtherLoops others);

  asio::any_io_executor executor_;
  std::string program_;
  Millis drain_timeout_;
  UnixSeconds since_;
  State state_ = State::Starting;
  Describe describe_;
  ops::ServiceManager manager_;
  std::optional<ops::Admin> admin_;
  io::TaskScope scope_;
};

// For SIGHUP, said to systemd around it: reads everything again, applies the log level and lets `apply` take the
// program's reloadable options; a wrong file changes nothing. Every outcome is logged.
template <class Options, class Apply>
void reload_options(const Service& service, const Reload<Options>& reload, Apply apply) {
  service.reloading();
  try {
    const auto changed = reload();
    apply(changed.options);  // first: what it refuses leaves everything as it was
    observe::set_log_level(changed.options.common.log.level);
    for (const auto& name : changed.needs_restart)
      observe::log(observe::Level::Warn, "restart-needed", observe::kv("option", name));
    observe::log(observe::Level::Notice, "reloaded", observe::kv("options", changed.reloadable.size()));
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "reload-refused", observe::kv("why", error.what()));
  }
  service.reloaded();
}

}  // namespace footbridge
