#include "programs/nat_keeper.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "io/own_addresses.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"

namespace footbridge {
namespace {

using core::NatVerdict;

// IPv4 if there is any: there is little translation to be found elsewhere.
std::vector<Endpoint> of_one_family(std::vector<Endpoint> servers) {
  const bool any_v4 = std::ranges::any_of(servers, [](const Endpoint& e) { return e.address.is_v4(); });
  std::erase_if(servers, [any_v4](const Endpoint& e) { return e.address.is_v4() != any_v4; });
  return servers;
}

// Others come and go, as IPv6 makes new ones each day, and change nothing about the network.
std::vector<IpAddress> own_of(Family family) {
  std::vector<IpAddress> out;
  try {
    out = io::own_addresses();
  } catch (const std::system_error&) {
    return {};  // for a moment; then we count as translated, which only changes the advice
  }
  std::erase_if(out, [family](const IpAddress& address) { return address.family() != family; });
  return out;
}

}  // namespace

NatKeeper::NatKeeper(asio::any_io_executor executor, Rng& rng, OnReport on_report)
    : executor_(std::move(executor)),
      rng_(rng),
      on_report_(std::move(on_report)),
      cache_(rng),
      recheck_(rng),
      first_(executor_),
      first_answer_(executor_),
      again_(executor_, [this](TimePoint now) { begin(now); }) {}

void NatKeeper::start(TimePoint now, Terms terms) {
  terms.stun_servers = of_one_family(std::move(terms.stun_servers));
  if (terms.stun_servers.empty()) return;
  terms_ = std::move(terms);
  begin(now);
}

void NatKeeper::on_network_change(TimePoint now) {
  if (!terms_) return;
  prober_.reset();
  measuring_ = false;
  recheck_.forget();
  tell(now, {});  // what was true of another network is not claimed of this one
  again_.arm(began_ ? std::max(now, *began_ + kNatPause) : now);
}

void NatKeeper::on_gathered(TimePoint now, bool seen_outside) {
  if (!terms_ || measuring_ || !measured_) return;
  const bool servers_died = told_.translated == true && !seen_outside;
  const bool servers_are_back = told_.asked && !told_.heard && seen_outside;
  if (servers_died || servers_are_back) again_.arm(std::max(now, *began_ + kNatDoubtPause));
}

asio::awaitable<void> NatKeeper::first_result(Duration limit) {
  if (terms_ && !measured_) static_cast<void>(co_await io::with_deadline(limit, first_.wait()));
  if (terms_ && !measured_ && !answered_)
    static_cast<void>(co_await io::with_deadline(kNatFirstAnswer, first_answer_.wait()));
}

void NatKeeper::on_server(const Endpoint& server, bool answers) {
  if (terms_->on_server) terms_->on_server(server, answers);
  if (!answers || std::exchange(answered_, true)) return;
  first_answer_.notify();
}

void NatKeeper::begin(TimePoint now) {
  began_ = now;
  measuring_ = true;
  // Which one is asked first, and so relied on most, is a matter of chance: no server sees everybody.
  auto& servers = terms_->stun_servers;
  for (auto i = servers.size(); i > 1; --i) std::swap(servers[i - 1], servers[rng_.between(0, i - 1)]);
  core::NatDiscoveryTerms terms{.servers = servers,
                                .own = own_of(servers.front().address.family()),
                                .tests = terms_->tests,
                                .may_name = {.allow_private = terms_->allow_private}};
  prober_ = std::make_unique<io::NatProber>(
      executor_, std::move(terms), terms_->local, cache_, rng_,
      [this](TimePoint at, const core::NatReport& report) { on_measured(at, report); },
      [this](const Endpoint& server, bool answers) { on_server(server, answers); });
}

void NatKeeper::on_measured(TimePoint now, const core::NatReport& report) {
  measuring_ = false;
  measured_ = true;
  tell(now, report);
  first_.notify();
  first_answer_.notify();
  const auto verdict = report.verdict();
  again_.arm(now + recheck_.next(verdict == NatVerdict::NoUdp));
  if (logged_ == verdict) return;
  logged_ = verdict;
  if (verdict == NatVerdict::NoUdp)
    observe::log(observe::Level::Warn, "no-udp", observe::kv("means", meaning(report)),
                 observe::kv("advice", advice(report)));
  else
    observe::log(observe::Level::Notice, "nat", observe::kv("verdict", verdict), observe::kv("means", meaning(report)),
                 observe::kv("advice", advice(report)));
}

void NatKeeper::tell(TimePoint now, const core::NatReport& report) {
  if (std::exchange(told_, report) == report) return;
  on_report_(now, report);
}

}  // namespace footbridge
