#include "programs/service.hpp"

#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <utility>

#include "io/clock.hpp"

namespace footbridge {
namespace {

std::optional<ops::AdminAddress> admin_address(const CommonOptions& common) {
  if (common.admin) return common.admin;
  // systemd makes this directory for us alone and removes it afterwards (RuntimeDirectory=).
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  if (directory == nullptr || *directory != '/') return std::nullopt;
  return ops::AdminAddress{std::string(directory) + "/admin.sock", {}};
}

}  // namespace

Service::Service(asio::any_io_executor executor, const CommonOptions& common, observe::Registry& registry,
                 AdminCommands commands)
    : executor_(executor),
      drain_timeout_(common.drain_timeout),
      manager_(ops::ServiceManager::from_environment()),
      scope_(executor, "service", io::TaskScope::kOthersGoOn) {
  registry.info("footbridge_build_info", "The build that runs.", "version", FB_VERSION);
  registry.gauge_from("footbridge_start_time_seconds", "When the program started, in seconds since 1970.",
                      [since = io::unix_now()] { return static_cast<double>(count(since)); });
  registry.counter_from("footbridge_log_suppressed_total", "Log events swallowed by the rate limit.",
                        [] { return observe::log_counts().suppressed; });
  registry.counter_from("footbridge_log_unwritten_total", "Log events lost because nobody took them.",
                        [] { return observe::log_counts().unwritten; });
  if (const auto address = admin_address(common))
    admin_.emplace(executor, *address,
                   ops::AdminAnswers{[&registry] { return registry.expose(); }, [this] { return not_ready(); },
                                     std::move(commands)});
}

void Service::start(OtherLoops others) {
  if (admin_) scope_.spawn(admin_->run());
  if (const auto interval = ops::ServiceManager::watchdog_interval())
    scope_.spawn(feed_watchdog(*interval, std::move(others)));
}

void Service::ready() {
  state_ = State::Ready;
  manager_.ready();
}

void Service::reloading() const {
  if (state_ == State::Ready) manager_.reloading(io::now());
}

void Service::reloaded() const {
  if (state_ == State::Ready) manager_.reloaded();
}

void Service::draining() {
  state_ = State::Draining;
  manager_.stopping("draining", drain_timeout_ + kAfterDrain);
}

asio::awaitable<void> Service::stop() {
  scope_.cancel();
  co_await scope_.join();
}

std::optional<std::string> Service::not_ready() const {
  switch (state_) {
    case State::Starting: return "starting";
    case State::Ready: return std::nullopt;
    case State::Draining: return "draining";
  }
  return std::nullopt;
}

asio::awaitable<void> Service::feed_watchdog(Millis interval, OtherLoops others) {
  asio::steady_timer timer(executor_);
  for (;;) {
    if (others) co_await others();
    manager_.watchdog();
    timer.expires_after(interval);
    const auto [error] = co_await timer.async_wait(io::no_throw);
    if (error) co_return;
  }
}

}  // namespace footbridge
