#include "programs/client/run_tester.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "io/clock.hpp"
#include "io/finally.hpp"
#include "io/network_watch.hpp"
#include "io/unless.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "programs/broker_ways.hpp"
#include "programs/client/client_ground.hpp"
#include "programs/client/client_network.hpp"
#include "programs/client/prober.hpp"
#include "programs/client/tester.hpp"
#include "programs/directory_fetch.hpp"
#include "programs/network_source.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"

namespace footbridge::client {
namespace {

using observe::kv;
using observe::Level;
using wire::OutcomeKind;

struct TesterMetrics {
  explicit TesterMetrics(observe::Registry& registry)
      : passed(registry.counter("footbridge_tester_passed_total", "Volunteers through which a path came about.")),
        failed(registry.counter("footbridge_tester_failed_total", "Volunteers through which none did.")),
        probes(registry.counter("footbridge_tester_probes_total",
                                "Volunteers tried to find out what their address translation is like.")),
        untold(registry.counter("footbridge_tester_untold_total",
                                "Tests that say nothing of the volunteer: the egress refused, or we stopped.")) {}
  void count(OutcomeKind what) {
    (what == OutcomeKind::Opened ? passed : what == OutcomeKind::Stopped ? untold : failed).add();
  }
  observe::Counter& passed;
  observe::Counter& failed;
  observe::Counter& probes;
  observe::Counter& untold;
};

ClientNetwork::Config network_config(ClientGround& ground, NetworkSource& source) {
  ClientNetwork::Config config{
      .brokers = {{}, &ground.trust(), &ground.way_memory()}, .rendezvous = ground.rendezvous(), .keeper = {}};
  live_in(source, config);
  return config;
}

// Everything of one running tester, in the order in which it depends on each other.
class TesterProgram {
 public:
  TesterProgram(RunLoop& loop, const TesterOptions& options, observe::Registry& registry)
      : loop_(loop),
        options_(options),
        source_(*joined_source(options.ways, options.link, /*required=*/true)),
        metrics_(registry),
        ground_(loop.executor(), options_.link, broker_trust(options.ways), {},
                [this](TimePoint, const core::NatReport& report) { broker_.set_nat(report.nat); }),
        tester_(loop.executor(),
                {.on_unknown_egress = [this](TimePoint now) { fetch_.wish(now); },
                 .on_verdict =
                     [this](OutcomeKind what) {
                       observe::log(Level::Info, "volunteer-tested", kv("what", what));
                       metrics_.count(what);
                     },
                 .on_stopped = [this] { quiet_.notify(); }},
                ground_.rng(), troubles_),
        broker_(loop.executor(), ground_.dialer(), network_config(ground_, source_).brokers,
                network_config(ground_, source_).rendezvous, ground_.rng(), tester_),
        fetch_(loop.executor(), source_, broker_.line(), ground_.rng(), [this](TimePoint now) { take_view(now); }),
        watch_(loop.executor(),
               [this](TimePoint now) {
                 ground_.on_network_change(now);
                 broker_.on_network_change();
                 for (const auto& prober : probers_) prober->on_network_change();
               }),
        quiet_(loop.executor()) {}

  asio::awaitable<void> run(Service& service) { co_await io::finally(test(service), drain(service)); }

 private:
  asio::awaitable<void> test(Service& service) {
    const auto known = co_await io::unless(
        loop_.stop_requested(),
        first_directory(loop_.executor(), source_, ground_.dialer(), ground_.trust(), ground_.rng()));
    if (!known || !*known) co_return;
    take_stun(options_.link, source_);
    auto config = co_await io::unless(loop_.stop_requested(), ground_.engine_config());
    if (!config) co_return;
    ground_.start(std::move(*config));
    co_await ground_.nat_known();
    make_link_ = ground_.link_maker();
    make_probers();
    fetch_.start();  // sets the line's clock
    take_view(io::now());
    service.status("testing");
    service.ready();
    co_await loop_.stop_requested();
  }

  void take_view(TimePoint now) {
    auto view = source_.view();
    tester_.trust(pins_of(view));
    broker_.line().use(std::move(view.brokers.ways), std::move(view.brokers.seals));
    if (make_link_ && source_.serves()) tester_.start(now, broker_, std::exchange(make_link_, {}));
    for (const auto& prober : probers_) prober->take_view(now);
  }

  void make_probers() {
    if (!ground_.can_probe())
      return observe::log(Level::Notice, "no-probes", kv("advice", "name a STUN server with IPv4, by --stun"));
    for (const auto probe : {core::NatProbe::AsStrict, core::NatProbe::AsModerate}) {
      Tester::Config config{.on_unknown_egress = [this](TimePoint now) { fetch_.wish(now); },
                            .on_verdict =
                                [this, probe](OutcomeKind what) {
                                  observe::log(Level::Info, "volunteer-probed", kv("as", core::name(probe)),
                                               kv("what", what));
                                  metrics_.probes.add();
                                },
                            .on_stopped = [this] { quiet_.notify(); }};
      probers_.push_back(std::make_unique<Prober>(loop_.executor(), probe, ground_, source_,
                                                  network_config(ground_, source_), std::move(config), troubles_));
    }
  }
  bool stopped() const {
    return tester_.stopped() && std::ranges::all_of(probers_, [](const auto& prober) { return prober->stopped(); });
  }

  asio::awaitable<void> drain(Service& service) {
    service.draining();
    observe::log(Level::Notice, "draining", kv("tests", tester_.trying()));
    co_await fetch_.close();  // it starts the tester
    tester_.stop(io::now());
    for (const auto& prober : probers_) prober->stop(io::now());
    const auto said_by = io::now() + kGoodbyeLimit;
    while (!stopped() && io::now() < said_by) static_cast<void>(co_await io::with_deadline(said_by, quiet_.wait()));
    co_await broker_.close();
    for (const auto& prober : probers_) co_await prober->close();
    observe::log(Level::Notice, "stopped", kv("passed", metrics_.passed.value()),
                 kv("failed", metrics_.failed.value()));
  }

  RunLoop& loop_;
  TesterOptions options_;  // STUN servers of the directory are added
  NetworkSource source_;
  TesterMetrics metrics_;
  ClientGround ground_;
  TroubleTeller troubles_;
  Tester tester_;
  BrokerClient broker_;
  DirectoryFetch fetch_;
  io::NetworkWatch watch_;
  io::Wakeup quiet_;
  std::vector<std::unique_ptr<Prober>> probers_;  // from the start of the ground on
  MakeLink make_link_;                            // until the tester has it
};

}  // namespace

int run_tester(const TesterOptions& options, const Reload<TesterOptions>& reload) {
  RunLoop loop;
  observe::Registry registry;
  Service service(loop.executor(), options.common, registry, {}, {.program = "tester"});
  loop.on_reload([&] { reload_options(service, reload, [](const TesterOptions&) {}); });
  TesterProgram tester(loop, options, registry);
  service.start();
  observe::log(Level::Notice, "tester-ready");
  loop.run(io::finally(tester.run(service), service.stop()));
  return ops::kExitDone;
}

}  // namespace footbridge::client
