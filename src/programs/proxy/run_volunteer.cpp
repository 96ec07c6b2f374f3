#include "programs/proxy/run_volunteer.hpp"

#include <optional>

#include "io/finally.hpp"
#include "io/unless.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/proxy/consent.hpp"
#include "programs/proxy/lending.hpp"
#include "programs/proxy/volunteer_commands.hpp"
#include "programs/run_loop.hpp"
#include "programs/self_tag.hpp"
#include "programs/service.hpp"
#include "programs/state_reporter.hpp"

namespace footbridge::proxy {
namespace {

asio::awaitable<void> help_until_stopped(RunLoop& loop, Service& service, Lending& lending, Duration grace) {
  co_await loop.stop_requested();
  service.draining();
  co_await lending.drain(grace);
}

// Whatever happened: netstate hears that we are gone, and the router gets its ports back.
asio::awaitable<void> say_goodbye(Lending& lending, std::optional<StateReporter>& netstate) {
  if (netstate) co_await netstate->close();
  co_await lending.close_ports();
}

asio::awaitable<void> lend(RunLoop& loop, const VolunteerOptions& options, const Reload<VolunteerOptions>& reload,
                           observe::Registry& registry, Service& service, VolunteerCommands& commands) {
  VolunteerMetrics metrics(registry);
  LimitMetrics limit_metrics(registry);
  VolunteerGround ground(loop.executor(), options);
  LimitKeeper limits(loop.executor(), state_directory(options.link), limit_metrics);
  if (options.per_day || options.per_month) limits.require_memory();
  const Lending* at_work = nullptr;  // from before the reporter starts
  std::optional<StateReporter> netstate;
  if (options.reporter.file)
    netstate.emplace(loop.executor(), ground.to_brokers(), options.reporter, wire::NodeRole::Volunteer, std::nullopt,
                     ground.rng(), [&at_work](const StateReporter& names) { return at_work->report(names); });
  if (ground.network_or_null() != nullptr) {
    const auto known = co_await io::unless(loop.stop_requested(), ground.know_network());
    if (!known || !*known) co_return;
  }
  auto links = co_await io::unless(loop.stop_requested(), ground.engine_config());
  if (!links) co_return;
  Lending lending(loop.executor(), {options, ground, limits, metrics, registry, service}, std::move(*links));
  lending.start();
  service.describe([&lending](StatusReport& report) { lending.describe(report); });
  commands.serve(&lending);
  loop.on_reload([&] {
    reload_options(service, reload, [&](const VolunteerOptions& changed) { lending.use({.options = changed}); });
  });
  at_work = &lending;
  observe::log(observe::Level::Notice, "volunteer-ready", observe::kv("slots", options.slots));
  service.ready();
  if (netstate) netstate->start();
  co_await io::finally(help_until_stopped(loop, service, lending, options.common.drain_timeout),
                       say_goodbye(lending, netstate));
  co_await service.stop();  // before what its metrics and commands look at
  loop.on_reload({});
  commands.serve(nullptr);
  limits.close();
  observe::log(observe::Level::Notice, "stopped", observe::kv("helped", metrics.clients_helped.value()));
}

asio::awaitable<void> serve(RunLoop& loop, const VolunteerOptions& options, const Reload<VolunteerOptions>& reload) {
  observe::Registry registry;
  VolunteerCommands commands;
  Service service(loop.executor(), options.common, registry, commands.table(options.control),
                  {"volunteer", state_directory(options.link)});
  service.start();
  co_await io::finally(lend(loop, options, reload, registry, service, commands), service.stop());
}

}  // namespace

int run_volunteer(const VolunteerOptions& options, const Reload<VolunteerOptions>& reload) {
  require_consent(options);
  RunLoop loop;
  loop.run(serve(loop, options, reload));
  return ops::kExitDone;
}

}  // namespace footbridge::proxy
