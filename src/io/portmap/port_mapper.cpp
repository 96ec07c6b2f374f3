#include "io/portmap/port_mapper.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

#include "io/clock.hpp"
#include "io/descriptor.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"
#include "wire/ice_candidate_filter.hpp"

namespace footbridge::io {
namespace {

using core::MapFailure;
using Question = core::PortLeases::Question;

// Whether a link could have this port now.
bool is_free(std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  own.sin_addr.s_addr = htonl(INADDR_ANY);
  return socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
}

}  // namespace

PortMapper::PortMapper(asio::any_io_executor executor, Config config, Ways ways, Rng& rng,
                       std::function<void()> on_change)
    : config_(config),
      ways_(std::move(ways)),
      on_change_(std::move(on_change)),
      leases_(rng, config.ports),
      changed_(executor),
      scope_(executor, "port-mapping", TaskScope::kOthersGoOn) {}

void PortMapper::start() { scope_.spawn(keep()); }

void PortMapper::set_ports(std::size_t count) {
  leases_.set_ports(count);
  changed_.notify();
}

void PortMapper::on_network_change(TimePoint now) {
  leases_.forget(now);
  ways_.gateway->forget();
  ways_.upnp->forget();
  changed_.notify();
  on_change_();
}

std::optional<core::MappedPort> PortMapper::take() { return leases_.take(now()); }

void PortMapper::give_back(std::uint16_t local_port) {
  leases_.give_back(now(), local_port);
  changed_.notify();
}

std::size_t PortMapper::held() const { return leases_.held(now()); }

asio::awaitable<void> PortMapper::keep() {
  for (;;) {
    while (auto question = leases_.next(now())) co_await carry_out(std::move(*question));
    const auto until = leases_.deadline();
    if (!until) {
      if (!co_await changed_.wait()) co_return;
      continue;
    }
    const auto woken = co_await with_deadline(*until, changed_.wait());
    if (woken && !*woken) co_return;
  }
}

asio::awaitable<void> PortMapper::carry_out(Question question) {
  const bool release = question.lifetime == Seconds{0};
  PortMapWay::Answer answer = MapFailure::PortInUse;
  if (release || question.held || question.in_use || is_free(question.local_port)) answer = co_await ask(question);
  const auto at = now();
  std::optional<MapFailure> failure;
  if (!answer) {
    leases_.on_failed(at, question, answer.error());
    // What is tried otherwise in the next moment has not failed yet.
    if (const auto again = leases_.deadline(); !again || *again > at) failure = answer.error();
  } else if (release) {
    leases_.on_released(question);
  } else {
    leases_.on_granted(at, question, std::move(answer->external), answer->lifetime);
  }
  if (!release) tell(failure);
  on_change_();
}

asio::awaitable<PortMapWay::Answer> PortMapper::ask(Question question) {
  auto& way = question.method == core::MapMethod::Gateway ? *ways_.gateway : *ways_.upnp;
  auto answer = co_await way.ask(question);
  if (!answer || question.lifetime == Seconds{0}) co_return std::move(answer);
  const wire::CandidatePolicy policy{.allow_private = config_.allow_private, .own_subnets = {}};
  if (wire::judge_endpoint(answer->external.reveal_to_socket(), policy) == wire::CandidateVerdict::Usable)
    co_return std::move(answer);
  auto undo = question;
  undo.lifetime = Seconds{0};
  undo.held = std::move(answer->external);
  (void)co_await way.ask(std::move(undo));
  co_return MapFailure::Unusable;
}

void PortMapper::tell(std::optional<MapFailure> failure) {
  const auto count = held();
  if (told_ == count && (!failure || told_failure_ == failure)) return;
  const bool lost = told_.value_or(0) > count;
  told_ = count;
  if (failure) told_failure_ = failure;
  const auto level = lost ? observe::Level::Notice : observe::Level::Info;
  if (const auto how = method())
    observe::log(level, "ports-mapped", observe::kv("ports", count), observe::kv("how", *how));
  else if (failure)
    observe::log(level, "ports-not-mapped", observe::kv("why", *failure));
}

asio::awaitable<void> PortMapper::release_all() {
  while (auto question = leases_.next(now())) co_await carry_out(std::move(*question));
}

asio::awaitable<void> PortMapper::close() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  scope_.cancel();
  co_await scope_.join();
  leases_.let_go();
  (void)co_await with_deadline(kReleaseLimit, release_all());
}

}  // namespace footbridge::io
