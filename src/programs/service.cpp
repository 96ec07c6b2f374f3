#include "programs/service.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/scope_counts.hpp"
#include "programs/admin_place.hpp"

namespace footbridge {

Service::Service(asio::any_io_executor executor, const CommonOptions& common, observe::Registry& registry,
                 AdminCommands commands, const ServiceName& name)
    : executor_(executor),
      program_(name.program),
      drain_timeout_(common.drain_timeout),
      since_(io::unix_now()),
      manager_(ops::ServiceManager::from_environment()),
      scope_(executor, "service", io::TaskScope::kOthersGoOn) {
  add_own_metrics(registry);
  auto replies = answers(registry, std::move(commands));
  if (const auto address = given_admin_address(common))
    admin_.emplace(executor, *address, std::move(replies));
  else if (name.state_directory)
    listen_in_state_directory(executor, *name.state_directory, program_, replies, admin_);
}

void Service::add_own_metrics(observe::Registry& registry) const {
  registry.info("footbridge_build_info", "The build that runs.", "version", FB_VERSION);
  registry.gauge_from("footbridge_start_time_seconds", "When the program started, in seconds since 1970.",
                      [since = since_] { return static_cast<double>(count(since)); });
  registry.counter_from("footbridge_log_suppressed_total", "Log events swallowed by the rate limit.",
                        [] { return observe::log_counts().suppressed; });
  registry.counter_from("footbridge_log_unwritten_total", "Log events lost because nobody took them.",
                        [] { return observe::log_counts().unwritten; });
}

ops::AdminAnswers Service::answers(observe::Registry& registry, AdminCommands commands) {
  return {[&registry](observe::Exposition as) { return registry.expose(as); }, [this] { return not_ready(); },
          std::move(commands),
          [this](ops::StatusForm form) {
            const auto report = status_report();
            return form == ops::StatusForm::Json ? report.json() : report.text(io::unix_now());
          },
          io::scopes_text};
}

StatusReport Service::status_report() const {
  StatusReport out;
  const auto why_not = not_ready();
  out.say(StatusKey::Program, program_)
      .say(StatusKey::Version, FB_VERSION)
      .say(StatusKey::State, why_not.value_or("ready"))
      .count(StatusKey::Since, count(since_));
  if (describe_) describe_(out);
  return out;
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
  describe_ = {};  // before anything waits: where an exception brought us here, what it looks at is gone
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
