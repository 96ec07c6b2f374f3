#include "programs/egress/session_table.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/session/path_table.hpp"
#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "observe/log.hpp"
#include "programs/egress/flow_exit.hpp"
#include "programs/egress/stream_exit.hpp"

namespace footbridge::egress {
namespace {

wire::Refused refused(wire::RefusalCode code, Seconds retry_after = Seconds{0}) {
  return {code, static_cast<std::uint64_t>(retry_after.count()), {}};
}

}  // namespace

SessionTable::SessionTable(asio::any_io_executor executor, StreamServices& stream_services, FlowServices& flow_services,
                           ServerBudget& budget)
    : executor_(executor),
      stream_services_(stream_services),
      flow_services_(flow_services),
      budget_(budget),
      memory_(budget),
      scope_(executor, "sessions", io::TaskScope::kOthersGoOn) {}

core::SessionRegistry::Answer SessionTable::create(TimePoint now, const wire::Hello& hello) {
  if (gone_at_) return refused(wire::RefusalCode::Draining, come_back_in(now));
  if (!budget_.take_place()) return refused(wire::RefusalCode::Busy, kBusyRetry);
  auto& rng = stream_services_.rng;
  auto& metrics = stream_services_.metrics;
  const auto id = SessionId::random(rng);
  Private<wire::SessionToken> token(rng.array<wire::kTokenBytes>());
  core::SessionConfig config;
  config.peer_limits = hello.limits;
  config.capabilities = hello.capabilities & (flow_services_.offered ? wire::kOurCapabilities : 0);
  sessions_.emplace(
      id, std::make_unique<EgressSession>(executor_, config, token, memory_, stream_services_, flow_services_));
  scope_.spawn(tend(id));
  metrics.sessions.add(1);
  metrics.sessions_begun.add();
  wire::Ok ok;
  ok.session = id;
  ok.token = std::move(token);
  ok.ttl_seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(config.no_path_ttl).count());
  ok.limits = config.limits;
  ok.capabilities = config.capabilities;
  return ok;
}

core::SessionRegistry::Answer SessionTable::join(TimePoint, const wire::Join& join) {
  static const wire::SessionToken kNobody{};
  auto* session = find(join.session);
  const auto& expected = session != nullptr ? session->token().reveal_to_socket() : kNobody;
  const bool known = equal_in_constant_time(expected, join.token.reveal_to_socket());
  if (session == nullptr || !known) return refused(wire::RefusalCode::UnknownSession);
  // Volunteers that died without a word keep their places until QUIC gives them up; they make room for one that lives.
  auto& host = session->host();
  if (host.path_count() >= core::kMaxPaths && !host.session().longest_silent_path())
    return refused(wire::RefusalCode::Busy, kBusyRetry);
  const core::SessionConfig config;
  wire::Ok ok;
  ok.session = join.session;
  if (session->host().session().carries_flows()) ok.capabilities = wire::kCapUdpFlows;
  ok.token = session->token();
  ok.ttl_seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(config.no_path_ttl).count());
  ok.limits = config.limits;
  return ok;
}

EgressSession* SessionTable::find(const SessionId& id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || found->second->host().session().ended() ? nullptr : found->second.get();
}

wire::Bye SessionTable::goodbye(TimePoint now) {
  if (!gone_at_) return {wire::ByeCode::SessionOver, 0};
  return {wire::ByeCode::Draining, static_cast<std::uint64_t>(come_back_in(now).count())};
}

Seconds SessionTable::come_back_in(TimePoint now) {
  const auto rest = std::max(Duration::zero(), *gone_at_ - now);
  const auto restart =
      stream_services_.rng.between(std::uint64_t{kMinRestart.count()}, std::uint64_t{kMaxRestart.count()});
  return std::chrono::ceil<Seconds>(rest) + Seconds{static_cast<Seconds::rep>(restart)};
}

asio::awaitable<void> SessionTable::close(Duration grace) {
  const auto now = io::now();
  gone_at_ = now + grace;
  for (auto& [id, session] : sessions_)
    session->leave(now, std::chrono::duration_cast<Seconds>(grace), come_back_in(now));
  io::DeadlineTimer end_of_grace(executor_, [this](TimePoint) { scope_.cancel(); });
  end_of_grace.arm(*gone_at_);
  co_await scope_.join();
}

asio::awaitable<void> SessionTable::tend(SessionId id) {
  struct Place {  // given back however the session ends
    ~Place() {
      table.sessions_.erase(id);
      table.budget_.give_place_back();
      table.stream_services_.metrics.sessions.add(-1);
    }
    SessionTable& table;
    SessionId id;
  } const place{*this, id};
  auto& session = *sessions_.at(id);
  co_await session.run();
  observe::log(observe::Level::Info, "session-ended", observe::kv("why", session.end_reason()));
}

}  // namespace footbridge::egress
