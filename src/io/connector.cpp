#include "io/connector.hpp"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/socket_options.hpp"

namespace footbridge::io {
namespace {

ConnectErrc errc_of(const error_code& error) {
  if (error == asio::error::connection_refused) return ConnectErrc::Refused;
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return ConnectErrc::Unreachable;
  return error == asio::error::timed_out ? ConnectErrc::TimedOut : ConnectErrc::Failed;
}

// IPv6 first, then one family after the other: a broken family costs one head start, not all attempts.
std::vector<Endpoint> in_racing_order(std::vector<Endpoint> endpoints) {
  const auto middle = std::stable_partition(endpoints.begin(), endpoints.end(),
                                            [](const Endpoint& endpoint) { return !endpoint.address.is_v4(); });
  std::vector<Endpoint> out;
  for (auto six = endpoints.begin(), four = middle; six != middle || four != endpoints.end();) {
    if (six != middle) out.push_back(*six++);
    if (four != endpoints.end()) out.push_back(*four++);
  }
  return out;
}

// Several connects at once; the first that succeeds wins.
struct Race {
  Race(asio::any_io_executor given, LocalAddresses from)
      : executor(std::move(given)), local(std::move(from)), changed(executor) {}

  // Owners of `self`: the coroutine below and each connect that is pending in the loop.
  static void attempt(const std::shared_ptr<Race>& self, const Endpoint& endpoint) {
    auto& runner = *self->runners.emplace_back(std::make_unique<tcp::socket>(self->executor));
    if (const auto own = self->local.towards(endpoint.address.family())) {
      error_code error;
      runner.open(to_tcp(endpoint).protocol(), error);
      if (!error) runner.bind(to_tcp({*own, 0}), error);
      if (error) {
        self->failure = ConnectErrc::Unreachable;
        return;
      }
    }
    ++self->running;
    runner.async_connect(to_tcp(endpoint), Attempted{self, endpoint, runner});
  }

  // Not a lambda: asserts of Asio's name a handler's type, a lambda's by its file, and the program is to be the same
  // wherever it was built.
  struct Attempted {
    std::shared_ptr<Race> race;  // owners: see attempt()
    Endpoint endpoint;
    tcp::socket& runner;

    void operator()(error_code error) const { race->on_attempted(error, endpoint, runner); }
  };

  void on_attempted(error_code error, const Endpoint& endpoint, tcp::socket& runner) {
    --running;
    if (winner) return;
    if (!error && is_connected_to(runner, endpoint)) {
      winner = &runner;
    } else {
      failure = error ? errc_of(error) : ConnectErrc::Failed;
    }
    changed.cancel();
  }

  // Belt and braces: what the kernel says we are talking to is what the policy admitted.
  static bool is_connected_to(tcp::socket& socket, const Endpoint& endpoint) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    return !error && from_asio(peer) == endpoint;
  }

  asio::any_io_executor executor;
  LocalAddresses local;
  asio::steady_timer changed;  // expires when the next attempt is due; cancelled when an attempt has ended
  std::vector<std::unique_ptr<tcp::socket>> runners;
  std::size_t running = 0;
  tcp::socket* winner = nullptr;
  std::optional<ConnectErrc> failure;
};

struct CloseLosers {
  Race& race;
  ~CloseLosers() {
    error_code ignored;
    for (auto& runner : race.runners) runner->close(ignored);
  }
};

asio::awaitable<Result<tcp::socket, ConnectErrc>> race_to(asio::any_io_executor executor, LocalAddresses local,
                                                          std::vector<Endpoint> endpoints, TimePoint deadline) {
  const auto race = std::make_shared<Race>(executor, std::move(local));  // owners: see Race::attempt
  const CloseLosers close_losers{*race};
  std::size_t next = 0;
  TimePoint next_at = now();
  while (!race->winner) {
    const auto at = now();
    if (at >= deadline) co_return ConnectErrc::TimedOut;
    if (next < endpoints.size() && (at >= next_at || race->running == 0)) {
      Race::attempt(race, endpoints[next++]);
      next_at = at + kNextAttempt;
      continue;
    }
    if (race->running == 0) co_return race->failure.value_or(ConnectErrc::Failed);
    race->changed.expires_at(to_steady(next < endpoints.size() ? std::min(next_at, deadline) : deadline));
    co_await race->changed.async_wait(no_throw);
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
  }
  set_no_delay(*race->winner);
  co_return std::move(*race->winner);
}

}  // namespace

std::string_view name(ConnectErrc error) {
  switch (error) {
    case ConnectErrc::Policy: return "policy";
    case ConnectErrc::BadName: return "bad-name";
    case ConnectErrc::NoSuchName: return "no-such-name";
    case ConnectErrc::NameFailure: return "name-failure";
    case ConnectErrc::Refused: return "refused";
    case ConnectErrc::Unreachable: return "unreachable";
    case ConnectErrc::TimedOut: return "timed-out";
    case ConnectErrc::Upstream: return "upstream";
    case ConnectErrc::Failed: return "failed";
  }
  FB_ASSERT(false);
}

ConnectErrc connect_errc(ResolveErrc error) {
  switch (error) {
    case ResolveErrc::BadName: return ConnectErrc::BadName;
    case ResolveErrc::NoSuchName: return ConnectErrc::NoSuchName;
    case ResolveErrc::Unanswered:
    case ResolveErrc::TimedOut:  // name servers that do not answer say nothing about the destination
    case ResolveErrc::Busy: return ConnectErrc::NameFailure;
  }
  FB_ASSERT(false);
}

Connector::Connector(asio::any_io_executor executor, Resolver& resolver, const core::AddressPolicy& policy,
                     LocalAddresses local)
    : executor_(std::move(executor)),
      resolver_(resolver),
      local_(std::move(local)),
      admit_([&policy](const Endpoint& to) { return policy.admit(to); }) {}

Connector::Connector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy)
    : executor_(std::move(executor)),
      resolver_(resolver),
      admit_([&policy](const Endpoint& to) { return policy.admit(to); }) {}

asio::awaitable<Result<tcp::socket, ConnectErrc>> Connector::connect(Private<Endpoint> endpoint, Duration limit) {
  const auto admitted = admit_(endpoint.reveal_to_socket());
  if (!admitted || !local_.admits(admitted->address.family())) co_return ConnectErrc::Policy;
  std::vector<Endpoint> one(1, *admitted);
  co_return co_await race_to(executor_, local_, std::move(one), now() + limit);
}

asio::awaitable<Result<std::vector<Endpoint>, ConnectErrc>> Connector::find(Private<std::string> host,
                                                                            std::uint16_t port, Duration limit) {
  std::string_view text = host.reveal_to_socket();
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  std::vector<IpAddress> addresses;
  if (const auto literal = IpAddress::parse(text)) {
    addresses.push_back(*literal);
  } else {
    auto answer = co_await resolver_.resolve(host, std::min<Duration>(limit, kResolveLimit));
    if (!answer) co_return connect_errc(answer.error());
    addresses = std::move(*answer);
  }
  std::vector<Endpoint> admitted;
  for (const auto& address : addresses)
    if (const auto endpoint = admit_({address, port});
        endpoint && local_.admits(endpoint->address.family()) && admitted.size() < kMaxAddresses)
      admitted.push_back(*endpoint);
  if (admitted.empty()) co_return ConnectErrc::Policy;
  co_return std::move(admitted);
}

asio::awaitable<Result<tcp::socket, ConnectErrc>> Connector::connect(Private<std::string> host, std::uint16_t port,
                                                                     Duration limit) {
  const auto deadline = now() + limit;
  auto admitted = co_await find(std::move(host), port, limit);
  if (!admitted) co_return admitted.error();
  co_return co_await race_to(executor_, local_, in_racing_order(std::move(*admitted)), deadline);
}

EgressConnector::EgressConnector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy)
    : policy_(policy), connector_(std::move(executor), resolver, policy) {}

asio::awaitable<Result<tcp::socket, ConnectErrc>> EgressConnector::connect(Private<std::string> host,
                                                                           std::uint16_t port, Duration limit) {
  const auto target = policy_.admit_target(host.reveal_to_socket(), port);
  if (!target) co_return ConnectErrc::Policy;
  if (const auto* literal = std::get_if<IpAddress>(&*target))
    co_return co_await connector_.connect(Private(Endpoint{*literal, port}), limit);
  co_return co_await connector_.connect(std::get<core::HostName>(*target), port, limit);
}

}  // namespace footbridge::io
