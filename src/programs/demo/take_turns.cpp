#include "programs/demo/take_turns.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <fmt/format.h>

#include "io/clock.hpp"
#include "io/with_deadline.hpp"
#include "ops/errors.hpp"
#include "programs/demo/fetch.hpp"
#include "programs/demo/keep_failure.hpp"
#include "programs/demo/metric.hpp"

namespace footbridge::demo {
namespace {

constexpr double kFirstWord = 10e6;  // bytes; the next at ten times as many

void say(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

asio::awaitable<void> pause(Duration time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<std::uint64_t> pages(Network& network) {
  co_return co_await metric(network.broker(), "footbridge_broker_waiting_pages");
}

asio::awaitable<std::uint64_t> relayed(Network& network) {
  const auto up = co_await metric(network.egress(), "footbridge_egress_relayed_up_bytes_total");
  co_return up + co_await metric(network.egress(), "footbridge_egress_relayed_down_bytes_total");
}

asio::awaitable<void> until_a_page_comes(Network& network) {
  while (co_await pages(network) == 0) co_await pause(kGuestLook);
}

// Keeps `carried` and the guest's page at what has passed since `before`.
asio::awaitable<void> until_no_page_is_there(Network& network, GuestPage& page, std::uint64_t before,
                                             std::uint64_t& carried) {
  double next_word = kFirstWord;
  for (auto seen = io::now(); io::now() - seen < kGuestGone;) {
    if (co_await pages(network) > 0) seen = io::now();
    carried = co_await relayed(network) - before;
    page.tell(true, carried);
    if (static_cast<double>(carried) >= next_word) {
      say(fmt::format("  the browser has carried {:.0f} MB", next_word / 1e6));
      next_word *= 10;
    }
    co_await pause(kGuestLook);
  }
}

// Returns when nothing has come through for kGuestLimit.
asio::awaitable<void> keep_fetching(Network& network, std::uint16_t site_port) {
  for (auto good = io::now(); io::now() - good < kGuestLimit;) {
    try {
      auto part = fetch(network.client().port(), site_port, "/part", [](std::uint64_t, std::uint64_t) {});
      if (co_await io::with_deadline(kGuestLimit, std::move(part))) good = io::now();
    } catch (const ops::RunError&) {
      // Said by what comes of it: the next part comes through, or the guest is given up.
    }
    co_await pause(kPartPause);
  }
}

}  // namespace

asio::awaitable<void> take_turns(Network& network, Website& site) {
  using namespace asio::experimental::awaitable_operators;
  for (;;) {
    co_await until_a_page_comes(network);
    say("\nA browser has joined as a volunteer. The demo's own two rest, so it alone carries now.");
    std::uint64_t carried = 0;
    site.guest().tell(true, carried);
    co_await network.rest_volunteers();
    const auto before = co_await relayed(network);
    std::exception_ptr failure;
    const auto end = co_await (keep_failure(until_no_page_is_there(network, site.guest(), before, carried), failure) ||
                               keep_fetching(network, site.port()));
    if (end.index() == 0 && failure) std::rethrow_exception(failure);
    site.guest().tell(false, carried);
    co_await network.wake_volunteers();
    if (end.index() == 0) {
      say(fmt::format("The browser has left; it carried {:.1f} MB. The demo's own volunteers carry again.",
                      static_cast<double>(carried) / 1e6));
      continue;
    }
    say("Nothing comes through that browser, so the demo's own volunteers carry again. Its box may say why.");
    while (co_await pages(network) > 0) co_await pause(kGuestLook);
  }
}

}  // namespace footbridge::demo
