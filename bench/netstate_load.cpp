// Reporters of a netstate, without programs behind them: each says again and again that something has changed, at a
// moment of its own. Two of five carry to two of a hundred egresses, the others to one.
//   netstate_load REPORTERS SECONDS TIMES FILE …
// SECONDS pass between two reports of one of them, and each makes TIMES. Each has a connection of its own, up to
// kConnections of them; the files are reporter files of volunteers (footbridge network reporter), and shared, too.
// Prints "SENT TAKEN P99", the last in milliseconds, and ends.
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

constexpr std::size_t kConnections = 1'000;
constexpr std::uint64_t kEgresses = 100;

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
  const Identity& identity;
  http::Client& client;
  std::uint64_t number;
  wire::NodeName node;
  std::uint64_t sequence = 0;
};

wire::EgressName egress_of(std::uint64_t number) {
  wire::EgressName out{};
  out.raw[0] = static_cast<std::byte>(1 + number % kEgresses);
  return out;
}

wire::StateReport changed(Reporter& reporter) {
  wire::StateReport out{.node = reporter.node,
                        .role = wire::NodeRole::Volunteer,
                        .sequence = ++reporter.sequence,
                        .state = wire::NodeState::Helping};
  out.legs = {{egress_of(reporter.number), static_cast<std::uint32_t>(1 + reporter.sequence % 3)}};
  if (reporter.number % 5 < 2) out.legs.push_back({egress_of(reporter.number + 1), 1});
  out.up_kib = out.down_kib = reporter.sequence * wire::kReportedKibStep;
  return out;
}

asio::awaitable<void> report(Reporter& reporter, TimePoint first, Duration every, unsigned times, Counts& counts) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (unsigned i = 0; i < times; ++i) {
    timer.expires_at(io::to_steady(first + i * every));
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

constexpr const char* kUsage = "netstate_load REPORTERS SECONDS TIMES FILE …";

unsigned number(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out == 0) throw ops::UsageError(kUsage);
  return out;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 4) throw ops::UsageError(kUsage);
  const auto reporters = number(arguments[0]);
  const Seconds every{number(arguments[1])};
  const auto times = number(arguments[2]);
  crypto::SystemRng rng;
  asio::io_context context{1};
  io::SystemResolver resolver(context.get_executor());
  const auto anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector(context.get_executor(), resolver, anywhere);
  std::deque<Identity> identities;
  for (std::size_t i = 3; i < arguments.size(); ++i) identities.emplace_back(arguments[i]);
  std::deque<http::Client> clients;
  for (std::size_t i = 0; i < std::min<std::size_t>(reporters, kConnections); ++i)
    clients.emplace_back(context.get_executor(), connector, http::Client::Options{.max_connections = 1});
  std::deque<Reporter> all;
  Counts counts;
  unsigned done = 0;
  const auto begin = io::now() + Seconds{1};
  for (unsigned i = 0; i < reporters; ++i) {
    auto& one = all.emplace_back(
        Reporter{identities[i % identities.size()], clients[i % clients.size()], i, wire::NodeName::random(rng)});
    asio::co_spawn(context, report(one, begin + Duration(every) * i / reporters, every, times, counts),
                   [&](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                     if (++done == reporters) context.stop();
                   });
  }
  context.run();
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
