#include "programs/doctor/examination.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <utility>

#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/endpoint.hpp"
#include "io/finally.hpp"
#include "io/nat_prober.hpp"
#include "io/own_addresses.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"
#include "ops/tor_relay.hpp"
#include "programs/broker_ways.hpp"
#include "programs/date_text.hpp"
#include "programs/doctor/machine.hpp"
#include "programs/doctor/router_probe.hpp"
#include "programs/doctor/server_probe.hpp"
#include "programs/doctor/udp_probe.hpp"
#include "programs/state_directory.hpp"

namespace footbridge::doctor {
namespace {

using core::DoctorRole;
using core::Finding;
using core::Observation;

constexpr Seconds kLocalLimit{2};  // on this machine
constexpr std::size_t kMostStun = core::kMaxNatAsked;

std::string took_text(Duration took) {
  return std::to_string(std::chrono::duration_cast<Millis>(took).count()) + " ms";
}

core::AddressPolicy leg_policy(const DoctorOptions& options) {
  if (options.allow_private) return core::AddressPolicy::unrestricted();
  core::AddressPolicy::Rules rules;
  rules.own = io::own_addresses();
  return core::AddressPolicy(std::move(rules));
}

// One examination. Coroutines of its scope write into it; they are over before it is.
class Examination {
 public:
  Examination(asio::any_io_executor executor, DoctorOptions options, OnProgress progress)
      : executor_(executor),
        options_(std::move(options)),
        targets_(find_targets(options_, io::unix_now())),
        trust_(broker_trust(options_.ways)),
        resolver_(executor),
        to_legs_(leg_policy(options_)),
        to_brokers_(executor, resolver_, anywhere_),
        to_egresses_(executor, resolver_, to_legs_),
        cache_(rng_),
        checks_(executor, std::move(progress)) {
    if (targets_.stun.size() > kMostStun) targets_.stun.resize(kMostStun);
    brokers_.resize(targets_.ways.size());
    egresses_.resize(asks_egresses() ? targets_.relays.size() : 0);
    stun_.resize(links() ? targets_.stun.size() : 0);
  }

  asio::awaitable<Examined> run() {
    start();
    co_await checks_.run(kExaminationLimit);
    conclude();
    co_return Examined{std::move(seen_), subjects()};
  }

 private:
  bool is(DoctorRole role) const { return options_.role == role || options_.role == DoctorRole::All; }
  bool links() const { return is(DoctorRole::Client) || is(DoctorRole::Volunteer); }
  bool asks_egresses() const { return options_.role != DoctorRole::Client && options_.role != DoctorRole::Broker; }
  bool asks_router() const { return is(DoctorRole::Volunteer) && !options_.no_port_mapping && !options_.allow_private; }

  // A client that asked many brokers at one moment would be seen.
  bool asks_in_turn() const { return options_.role == DoctorRole::Client && !options_.all_ways; }

  void start() {
    if (asks_in_turn()) checks_.spawn(brokers_in_turn());
    for (std::size_t i = 0; i < brokers_.size() && !asks_in_turn(); ++i) checks_.spawn(broker(i, kServerLimit));
    for (std::size_t i = 0; i < egresses_.size(); ++i) checks_.spawn(egress(i));
    for (const auto& name : names()) checks_.spawn(look_up(name));
    if (links()) checks_.spawn(udp());
    if (asks_router()) checks_.spawn(router());
    if (is(DoctorRole::Client)) checks_.spawn(local_proxy());
  }

  asio::awaitable<void> broker(std::size_t i, Duration limit) {
    brokers_[i] = co_await probe_broker(to_brokers_, trust_, targets_.ways[i], rng_, limit);
  }
  asio::awaitable<void> brokers_in_turn() {
    const auto last = io::now() + kExaminationLimit - kTurnLimit;
    for (auto& each : brokers_) each.reach = core::Reach::NoTime;
    for (const auto i : turns(targets_, options_, io::unix_now(), rng_)) {
      if (io::now() > last) co_return;
      brokers_[i].reach = core::Reach::Silent;
      if (const auto& host = targets_.ways[i].route.place().host.reveal_to_socket(); is_name(host))
        checks_.spawn(look_up(host));
      co_await broker(i, kTurnLimit);
      if (brokers_[i].reach == core::Reach::Answers) break;
    }
    for (auto& each : brokers_)
      if (each.reach == core::Reach::NoTime) each.reach = core::Reach::NotAsked;
  }
  asio::awaitable<void> egress(std::size_t i) {
    egresses_[i] = co_await probe_egress(to_egresses_, trust_, targets_.relays[i], kServerLimit);
  }

  static bool is_name(const std::string& host) { return !IpAddress::parse(host) && !ops::names_loopback(host); }
  std::set<std::string> names() const {
    std::set<std::string> out;
    const auto add = [&](const std::string& host) {
      if (is_name(host)) out.insert(host);
    };
    for (std::size_t i = 0; i < targets_.ways.size() && !asks_in_turn(); ++i)
      add(targets_.ways[i].route.place().host.reveal_to_socket());
    for (std::size_t i = 0; i < egresses_.size(); ++i) add(targets_.relays[i].url.host.reveal_to_socket());
    for (std::size_t i = 0; i < stun_.size(); ++i) add(targets_.stun[i].reveal_to_socket().host);
    return out;
  }
  asio::awaitable<void> look_up(std::string host) {
    ++names_asked_;
    const auto found = co_await resolver_.resolve(Private(std::move(host)), io::kResolveLimit);
    if (found || found.error() == io::ResolveErrc::NoSuchName) ++names_answered_;
  }

  // Servers that answer tell of address translation; where none does, that is all there is to know.
  asio::awaitable<void> udp() {
    std::vector<Endpoint> answering;
    io::TaskScope each(executor_, "doctor-stun", io::TaskScope::kOthersGoOn);
    co_await io::finally(ask_servers(each, answering), join(each));
    nat_.asked = std::ranges::any_of(stun_, [](const StunSeen& s) { return s.reach != core::StunReach::NoName; });
    std::erase_if(answering, [&](const Endpoint& e) { return e.address.is_v4() != answering.front().address.is_v4(); });
    if (!answering.empty()) co_await nat(std::move(answering));
  }
  static asio::awaitable<void> join(io::TaskScope& scope) {
    scope.cancel();
    co_await scope.join();
  }
  asio::awaitable<void> ask_servers(io::TaskScope& each, std::vector<Endpoint>& answering) {
    for (std::size_t i = 0; i < stun_.size(); ++i) each.spawn(ask_server(i, answering));
    co_await each.join();
  }
  asio::awaitable<void> ask_server(std::size_t i, std::vector<Endpoint>& answering) {
    const auto server = targets_.stun[i].reveal_to_socket();
    std::optional<Endpoint> at;
    if (const auto literal = IpAddress::parse(server.host)) {
      at = Endpoint{*literal, server.port};
    } else if (const auto found = co_await resolver_.resolve(Private(server.host), io::kResolveLimit)) {
      // As discovery prefers.
      const auto v4 = std::ranges::find_if(*found, [](const IpAddress& address) { return address.is_v4(); });
      at = Endpoint{v4 != found->end() ? *v4 : found->front(), server.port};
    }
    if (!at) {
      stun_[i].reach = core::StunReach::NoName;
      co_return;
    }
    stun_[i] = co_await probe_stun(Private(*at), rng_);
    if (stun_[i].reach == core::StunReach::Answers) answering.push_back(*at);
  }
  // A client asks what every WebRTC program asks, and no more.
  asio::awaitable<void> nat(std::vector<Endpoint> servers) {
    auto own = io::own_addresses();
    const auto family = servers.front().address.family();
    std::erase_if(own, [family](const IpAddress& address) { return address.family() != family; });
    core::NatDiscoveryTerms terms{
        .servers = std::move(servers),
        .own = std::move(own),
        .tests = is(DoctorRole::Volunteer) ? core::NatTests::Full : core::NatTests::MappingOnly,
        .may_name = {.allow_private = options_.allow_private}};
    io::Wakeup done(executor_);
    const io::NatProber prober(executor_, std::move(terms), {}, cache_, rng_,
                               [&](TimePoint, const core::NatReport& report) {
                                 nat_ = report;
                                 done.notify();
                               });
    static_cast<void>(co_await io::with_deadline(core::kNatDiscoveryLimit + kLocalLimit, wait_for(done)));
  }
  static asio::awaitable<void> wait_for(io::Wakeup& done) {
    if (!co_await done.wait()) io::throw_if_aborted(asio::error::operation_aborted);
  }

  asio::awaitable<void> router() { router_ = co_await probe_router(executor_, rng_); }

  asio::awaitable<void> local_proxy() {
    auto answer = co_await io::with_deadline(kLocalLimit, greet());
    proxy_ = answer ? *answer : Finding::ProxyForeign;
  }
  asio::awaitable<Finding> greet() {
    io::tcp::socket socket(executor_);
    const auto [refused] = co_await socket.async_connect(io::to_tcp(options_.proxy), io::no_throw);
    io::throw_if_aborted(refused);
    if (refused) co_return Finding::ProxyNobody;
    const auto [unsent, sent] = co_await socket.async_send(asio::buffer(core::kSocksGreeting), io::no_throw);
    io::throw_if_aborted(unsent);
    std::array<std::byte, 64> into{};
    const auto [error, size] = co_await socket.async_receive(asio::buffer(into.data(), into.size()), io::no_throw);
    io::throw_if_aborted(error);
    co_return core::judge_local_proxy(ByteView(into).first(size));
  }

  void add(Finding finding, unsigned number = 0, unsigned front = 0, std::string detail = {}) {
    seen_.push_back({finding, number, front, std::move(detail)});
  }
  void conclude() {
    add(targets_.configuration);
    if (links()) conclude_state();
    add(look_at_route());
    add(core::judge_names(names_asked_, names_answered_));
    conclude_clock();
    if (targets_.joined) conclude_directory();
    conclude_servers();
    if (links()) conclude_udp();
    if (asks_router()) add(router_);
    add(look_at_ipv6());
    if (is(DoctorRole::Client)) {
      add(proxy_);
      for (auto& variable : look_at_variables(options_.proxy)) seen_.push_back(std::move(variable));
    }
    add(core::judge_descriptors(options_.role, most_descriptors()));
    if (is(DoctorRole::Volunteer)) add(ops::has_tor_relay() ? Finding::TorRelay : Finding::TorNone);
  }
  void conclude_state() {
    add(core::judge_state(look_at_state(state_directory(options_.state_dir, std::nullopt), targets_.spoiled)));
  }
  void conclude_clock() {
    std::vector<Seconds> ahead;
    for (const auto* servers : {&brokers_, &egresses_})
      for (const auto& server : *servers)
        if (server.ahead) ahead.push_back(*server.ahead);
    const auto clock = core::judge_clock(ahead);
    ahead_ = clock.finding == Finding::ClockOff || clock.finding == Finding::ClockFarOff ? clock.ahead : Seconds{0};
    add(clock.finding, 0, 0, core::words(clock.finding).level == core::Level::Ok ? "" : core::offset_text(clock.ahead));
  }
  // By the clock that is right, as programs do it.
  void conclude_directory() {
    const UnixSeconds now{count(io::unix_now()) - static_cast<std::uint64_t>(ahead_.count())};  // wraps as it should
    auto& keeper = targets_.joined->keeper;
    const bool had_one = !keeper.kept().empty();
    std::optional<core::DirectoryRefusal> refused;
    for (const auto& server : brokers_)
      if (server.directory)
        if (const auto taken = keeper.take(now, *server.directory); !taken) refused = taken.error();
    const auto* serving = keeper.serving(now);
    add(core::judge_directory(keeper.age(now), had_one, refused), 0, 0,
        serving != nullptr ? "until " + date_text(serving->valid.until) : "");
  }
  void conclude_servers() {
    const auto detail = [](const ServerSeen& server) {
      return server.reach == core::Reach::Answers ? took_text(server.took) : std::string();
    };
    for (std::size_t i = 0; i < brokers_.size(); ++i)
      add(core::judge_broker(brokers_[i].reach), targets_.ways[i].broker, targets_.ways[i].front, detail(brokers_[i]));
    for (std::size_t i = 0; i < egresses_.size(); ++i)
      add(core::judge_egress(egresses_[i].reach), static_cast<unsigned>(i + 1), 0, detail(egresses_[i]));
    if (options_.role == DoctorRole::Client) add(Finding::EgressNotAsked);
  }
  void conclude_udp() {
    std::vector<core::StunReach> reaches;
    for (const auto& server : stun_) reaches.push_back(server.reach);
    add(core::judge_udp(reaches));
    for (std::size_t i = 0; i < stun_.size(); ++i)
      add(core::judge_stun(stun_[i].reach), static_cast<unsigned>(i + 1), 0,
          stun_[i].reach == core::StunReach::Answers ? took_text(stun_[i].took) : "");
    add(core::judge_nat(nat_));
  }

  std::vector<Subject> subjects() const {
    std::vector<Subject> out;
    if (!options_.unsafe) return out;
    for (const auto& way : targets_.ways) {
      auto who = way.route.url.authority();
      if (way.route.front) who += " through " + way.route.front->host.reveal_to_socket();
      out.push_back({core::Check::Broker, way.broker, way.front, std::move(who)});
    }
    for (std::size_t i = 0; i < egresses_.size(); ++i)
      out.push_back({core::Check::Egress, static_cast<unsigned>(i + 1), 0, targets_.relays[i].url.authority()});
    for (std::size_t i = 0; i < stun_.size(); ++i)
      out.push_back({core::Check::Stun, static_cast<unsigned>(i + 1), 0, targets_.stun[i].reveal_to_socket().host});
    return out;
  }

  asio::any_io_executor executor_;
  DoctorOptions options_;
  Targets targets_;
  io::TlsClient trust_;
  crypto::SystemRng rng_;
  io::SystemResolver resolver_;
  const core::AddressPolicy anywhere_ = core::AddressPolicy::unrestricted();
  const core::AddressPolicy to_legs_;
  io::Connector to_brokers_;
  io::Connector to_egresses_;
  core::NatCache cache_;
  std::size_t names_asked_ = 0, names_answered_ = 0;
  std::vector<ServerSeen> brokers_;  // of each way
  std::vector<ServerSeen> egresses_;
  std::vector<StunSeen> stun_;
  core::NatReport nat_;
  Finding router_ = Finding::RouterSilent;
  Finding proxy_ = Finding::ProxyNobody;
  Seconds ahead_{0};
  std::vector<Observation> seen_;
  Checks checks_;
};

}  // namespace

asio::awaitable<Examined> examine(DoctorOptions options, OnProgress progress) {
  Examination examination(co_await asio::this_coro::executor, std::move(options), std::move(progress));
  co_return co_await examination.run();
}

}  // namespace footbridge::doctor
