#include "programs/demo/run_demo.hpp"

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/listener.hpp"
#include "io/task_scope.hpp"
#include "io/with_deadline.hpp"
#include "ops/errors.hpp"
#include "programs/demo/fetch.hpp"
#include "programs/demo/keep_failure.hpp"
#include "programs/demo/metric.hpp"
#include "programs/demo/network.hpp"
#include "programs/demo/progress_bar.hpp"
#include "programs/demo/report.hpp"
#include "programs/demo/take_turns.hpp"
#include "programs/demo/website.hpp"
#include "programs/run_loop.hpp"
#include "programs/web_pages.hpp"

namespace footbridge::demo {
namespace {

constexpr Millis kFallenLook{100};  // how often the demo, while it stays, looks whether all its programs live
// A program's connections end before the program does; its end is waited for to name the cause of a failure.
constexpr Millis kFallenWait{500};

// Everything on the road to a report goes to standard error; standard output is the report's.
void say(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

using Carried = std::array<std::uint64_t, kVolunteers>;

asio::awaitable<Carried> carried(Network& network) {
  Carried out{};
  for (std::size_t i = 0; i < kVolunteers; ++i)
    out[i] = co_await metric(network.volunteer(i), "footbridge_proxy_relayed_down_bytes_total");
  co_return out;
}

struct Uses {
  ProcessUse client, egress, broker;
  std::array<ProcessUse, kVolunteers> volunteers;
};

Uses uses(Network& network) {
  Uses out{network.client().use(), network.egress().use(), network.broker().use(), {}};
  for (std::size_t i = 0; i < kVolunteers; ++i) out.volunteers[i] = network.volunteer(i).use();
  return out;
}

RoleUse between(const ProcessUse& before, const ProcessUse& after) {
  return {after.cpu_seconds - before.cpu_seconds, after.peak_mb};
}

// The page first, while no path exists yet: how long the first byte takes. Then the file: how fast, and at what cost.
asio::awaitable<Report> fetch_and_measure(Network& network, const FileContent& file, std::uint16_t site_port,
                                          bool with_bar) {
  Report report;
  const auto proxy_port = network.client().port();
  const auto page = co_await fetch(proxy_port, site_port, "/", [](std::uint64_t, std::uint64_t) {});
  report.ttfb_s = page.first_byte_s;

  const auto carried_before = co_await carried(network);
  const auto before = uses(network);
  ProgressBar bar(with_bar);
  const auto got = co_await fetch(proxy_port, site_port, "/file",
                                  [&](std::uint64_t bytes, std::uint64_t of) { bar.show(io::now(), bytes, of); });
  bar.finish();
  const auto after = uses(network);
  const auto carried_after = co_await carried(network);

  std::uint64_t through_volunteers = 0;
  std::string volunteers;  // beside each other, so one station
  for (std::size_t i = 0; i < kVolunteers; ++i) {
    const auto bytes = carried_after[i] - carried_before[i];
    through_volunteers += bytes;
    if (bytes == 0) continue;
    if (!volunteers.empty()) volunteers += " and ";
    volunteers += "volunteer-" + std::to_string(i + 1);
  }
  report.route = {"client", volunteers, "egress", "website"};
  report.bytes = got.bytes;
  report.sha256 = got.sha256;
  report.mb_per_s = static_cast<double>(got.bytes) / 1e6 / got.seconds;
  // Sealed packets are longer than what they carry, so the volunteers must have carried more than the file.
  const auto expected = co_await file.sha256_hex();
  report.ok = got.bytes == file.bytes() && got.sha256 == expected && through_volunteers >= file.bytes();
  report.client = between(before.client, after.client);
  report.egress = between(before.egress, after.egress);
  report.broker = between(before.broker, after.broker);
  for (std::size_t i = 0; i < kVolunteers; ++i) {
    const auto use = between(before.volunteers[i], after.volunteers[i]);
    report.proxy.cpu_seconds += use.cpu_seconds;
    report.proxy.peak_mb = std::max(report.proxy.peak_mb, use.peak_mb);
  }
  co_return report;
}

void invite_to_try(Network& network, std::uint16_t site_port) {
  const auto proxy = "127.0.0.1:" + std::to_string(network.client().port());
  const auto site = "http://127.0.0.1:" + std::to_string(site_port) + "/";
  say("The local proxy stays open: SOCKS5 and HTTP on " + proxy + "\n");
  say("  curl -x http://" + proxy + " " + site);
  say("  curl -x socks5h://" + proxy + " " + site);
  say("  chromium --proxy-server=http://" + proxy + " --proxy-bypass-list='<-loopback>' " + site);
  say("\nIn a browser's settings: manual proxy, SOCKS v5 or HTTP, that address and port.");
  say("The demo's egress goes to that site and, from the public internet, to web ports only.\n");
  say("Logs: " + network.directory().string() + ". Ctrl-C ends everything.");
}

// The address of the page in which a browser volunteers, and the tag in it.
void invite_browsers(Network& network, Website& site, const std::optional<WebPages>& pages) {
  if (!pages) {
    say("A browser can be the volunteer, once its pages are built: " + std::string(kBuildWebPages));
    return;
  }
  const auto origin = network.broker_url();
  site.guest().open(pages->embed_tag(origin, "data-layout=\"panel\" data-globe=\"false\" data-menu=\"true\""),
                    origin.substr(0, origin.size() - 1));
  say("Let your browser be the volunteer: open\n\n  http://127.0.0.1:" + std::to_string(site.port()) +
      std::string(kGuestPath) + "\n\nand switch it on. What puts the box into that page, or into any other:\n");
  say(pages->embed_tag(origin) + "\n");
}

asio::awaitable<std::string> until_something_falls(Network& network) {
  asio::steady_timer look(co_await asio::this_coro::executor);
  for (;;) {
    if (auto name = network.fallen(); !name.empty()) co_return name;
    look.expires_after(kFallenLook);
    co_await look.async_wait(asio::use_awaitable);
  }
}

// Until a program falls, or does not answer while it still runs.
asio::awaitable<void> stay(Network& network, Website& site, int& exit_code) {
  using namespace asio::experimental::awaitable_operators;
  std::exception_ptr failure;
  co_await (until_something_falls(network) || keep_failure(take_turns(network, site), failure));
  // Who does not answer has fallen, most of the time.
  const auto fallen = co_await io::with_deadline(kFallenWait, until_something_falls(network));
  exit_code = ops::kExitFailed;
  if (fallen)
    say("The " + *fallen + " has ended; see its log.");
  else if (failure)
    std::rethrow_exception(failure);
}

asio::awaitable<void> show(Network& network, const FileContent& file, Website& site, const DemoOptions& options,
                           int& exit_code) {
  using namespace asio::experimental::awaitable_operators;
  const auto web = options.once ? std::nullopt : options.web ? options.web : find_web_pages();
  std::optional<WebPages> pages;
  if (web) pages.emplace("--web", *web);
  say("Starting a broker, an egress, two volunteers and a client on this machine ...");
  co_await network.start(site.port(), static_cast<std::uint16_t>(options.proxy_port), web);
  say("Fetching a page and a file of " + std::to_string(file.bytes() / 1'000'000) + " MB through a volunteer ...");
  const auto report = co_await fetch_and_measure(network, file, site.port(), !options.json);
  std::fputs((options.json ? as_json(report) : as_table(report)).c_str(), stdout);
  std::fflush(stdout);
  if (report.ok) exit_code = ops::kExitDone;
  if (!report.ok || options.once) co_return;
  invite_browsers(network, site, pages);
  invite_to_try(network, site.port());
  co_await stay(network, site, exit_code);
}

// Runs `show` until it ends or somebody stops the demo; then ends the children in order.
asio::awaitable<void> serve(RunLoop& loop, const DemoOptions& options, int& exit_code) {
  using namespace asio::experimental::awaitable_operators;
  const FileContent file(options.size.bytes);
  Website site(loop.executor(), file);
  Network network(loop.executor(), options.keep);
  io::TaskScope scope(loop.executor(), "website", loop.fail());
  scope.spawn(site.run());
  std::exception_ptr failure;
  const auto first =
      co_await (keep_failure(show(network, file, site, options, exit_code), failure) || loop.stop_requested());
  if (first.index() == 1) failure = nullptr;  // it failed because it was stopped
  if (failure)
    if (const auto fallen = co_await io::with_deadline(kFallenWait, until_something_falls(network)))
      say("The " + *fallen + " has ended.");
  say("Stopping ...");
  co_await network.stop();
  if (options.keep) say("Keys and logs are kept in " + network.directory().string());
  scope.cancel();
  co_await scope.join();
  if (failure) std::rethrow_exception(failure);
}

// Said before anything starts, and in the words of the demo's own option.
void require_free_port(RunLoop& loop, std::uint64_t port) {
  if (port == 0) return;
  io::ListenOptions listen;
  listen.address = Endpoint{IpAddress::v4(0x7f000001), static_cast<std::uint16_t>(port)};
  listen.option = "--proxy-port";
  try {
    const io::Listener free_until_here(loop.executor(), listen);
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
}

}  // namespace

int run_demo(const DemoOptions& options, const Reload<DemoOptions>&) {
  RunLoop loop;
  require_free_port(loop, options.proxy_port);
  int exit_code = ops::kExitFailed;
  loop.run(serve(loop, options, exit_code));
  return exit_code;
}

}  // namespace footbridge::demo
