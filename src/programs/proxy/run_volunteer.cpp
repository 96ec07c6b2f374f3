#include "programs/proxy/run_volunteer.hpp"

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

namespace footbridge::proxy {
namespace {

asio::awaitable<void> help_until_stopped(RunLoop& loop, Service& service, Lending& lending, Duration grace) {
  co_await loop.stop_requested();
  service.draining();
  co_await lending.drain(grace);
}

asio::awaitable<void> lend(RunLoop& loop, const VolunteerOptions& options, const Reload<VolunteerOptions>& reload,
                           observe::Registry& registry, Service& service, VolunteerCommands& commands) {
  VolunteerMetrics metrics(registry);
  LimitMetrics limit_metrics(registry);
  LimitKeeper limits(loop.executor(), state_directory(options.link), limit_metrics);
  if (options.per_day || options.per_month) limits.require_memory();
  VolunteerGround ground(loop.executor(), options);
  if (ground.network_or_null() != nullptr) {
    const auto known = co_await io::unless(loop.stop_requested(), ground.know_network());
    if (!known || !*known) co_return;
  }
  auto links = co_await ground.engine_config();
  Lending lending(loop.executor(), {options, ground, limits, metrics, registry, service}, std::move(links));
  lending.start();
  commands.serve(&lending);
  loop.on_reload([&] {
    reload_options(service, reload, [&](const VolunteerOptions& changed) { lending.use({.options = changed}); });
  });
  observe::log(observe::Level::Notice, "volunteer-ready", observe::kv("slots", options.slots));
  service.ready();
  co_await io::finally(help_until_stopped(loop, service, lending, options.common.drain_timeout), lending.close_ports());
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
