// Reporters of a netstate, without programs behind them: each has a connection of its own and says once a second that
// something has changed, at a moment of its own.
//   netstate_load REPORTERS SECONDS FILE …
// The files are reporter files of volunteers (footbridge network reporter); the reporters share them. Prints
// "SENT TAKEN P99", the last in milliseconds, and ends.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "core/egress/address_policy.hpp"
#include "core/netstate/reporter_chain.hpp"
#include "core/netstate/state_keeper.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"
#include "io/unix_millis.hpp"
#include "ops/errors.hpp"
#include "programs/reporter_file.hpp"
#include "transport/http/client.hpp"

namespace footbridge::bench {
namespace {

constexpr Seconds kEvery{1};
constexpr std::size_t kEgresses = 8;

struct Counts {
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  std::vector<double> waits_ms;
};

// A file, and what is made of it once.
struct Identity {
  explicit Identity(const std::string& path)
      : file(read_reporter_file("FILE", {path})),
        key(crypto::Ed25519KeyPair::from(file.key)),
        route(wire::parse_url(file.url.reveal_to_socket().text).value()) {}
  ReporterFile file;
  crypto::Ed25519KeyPair key;
  http::Route route;
};

struct Reporter {
  Reporter(asio::any_io_executor executor, io::Dialer& dialer, const Identity& who, Rng& rng)
      : identity(who), client(executor, dialer, {.max_connections = 1}), node(wire::NodeName::random(rng)) {}
  const Identity& identity;
  http::Client client;
  wire::NodeName node;
  std::uint64_t sequence = 0;
};

wire::StateReport changed(Reporter& reporter) {
  wire::StateReport out{.node = reporter.node,
                        .role = wire::NodeRole::Volunteer,
                        .sequence = ++reporter.sequence,
                        .state = wire::NodeState::Helping};
  wire::EgressName egress{};
  egress.raw[0] = static_cast<std::byte>(reporter.node.raw[0] & std::byte{kEgresses - 1});
  out.legs = {{egress, static_cast<std::uint32_t>(1 + reporter.sequence % 3)}};
  out.up_kib = out.down_kib = reporter.sequence * wire::kReportedKibStep;
  return out;
}

asio::awaitable<void> report(Reporter& reporter, TimePoint first, unsigned times, Counts& counts) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (unsigned i = 0; i < times; ++i) {
    timer.expires_at(io::to_steady(first + i * kEvery));
    co_await timer.async_wait(asio::use_awaitable);
    const auto& file = reporter.identity.file;
    auto batch = wire::encode_report_batch(
        {core::sign_state_report(reporter.identity.key, file.chain, changed(reporter), io::unix_millis())});
    ++counts.sent;
    const auto began = io::now();
    const auto answer =
        co_await reporter.client.post(reporter.identity.route, std::move(batch), "text/plain", core::kReportLimit);
    if (!answer) continue;
    ++counts.taken;
    counts.waits_ms.push_back(std::chrono::duration<double, std::milli>(io::now() - began).count());
  }
}

double p99(std::vector<double>& waits) {
  if (waits.empty()) return 0;
  const auto at = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() * 99 / 100);
  std::ranges::nth_element(waits, at);
  return *at;
}

unsigned number(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out == 0)
    throw ops::UsageError("netstate_load REPORTERS SECONDS FILE …");
  return out;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) throw ops::UsageError("netstate_load REPORTERS SECONDS FILE …");
  const auto reporters = number(arguments[0]);
  const auto times = number(arguments[1]);
  crypto::SystemRng rng;
  asio::io_context context{1};
  io::SystemResolver resolver(context.get_executor());
  const auto anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector(context.get_executor(), resolver, anywhere);
  std::deque<Identity> identities;
  for (std::size_t i = 2; i < arguments.size(); ++i) identities.emplace_back(arguments[i]);
  std::deque<Reporter> all;
  Counts counts;
  const auto begin = io::now() + kEvery;
  for (unsigned i = 0; i < reporters; ++i) {
    auto& one = all.emplace_back(context.get_executor(), connector, identities[i % identities.size()], rng);
    asio::co_spawn(context, report(one, begin + Duration(kEvery) * i / reporters, times, counts),
                   [](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   });
  }
  context.run_for(std::chrono::seconds(times) + std::chrono::seconds(10));
  std::printf("%llu %llu %.1f\n", static_cast<unsigned long long>(counts.sent),
              static_cast<unsigned long long>(counts.taken), p99(counts.waits_ms));
  return 0;
}

}  // namespace
}  // namespace footbridge::bench

int main(int argc, char** argv) {
  try {
    return footbridge::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "netstate_load: %s\n", error.what());
    return 2;
  }
}
