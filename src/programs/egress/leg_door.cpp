#include "programs/egress/leg_door.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/wakeup.hpp"
#include "observe/log.hpp"
#include "transport/ws/handshake.hpp"

namespace footbridge::egress {

LegDoor::LegDoor(asio::any_io_executor executor, core::LegTokenGuard& guard, const quic::Identity& identity,
                 SessionTable& sessions, Rng& rng, EgressMetrics& metrics)
    : executor_(executor),
      guard_(guard),
      identity_(identity),
      sessions_(sessions),
      rng_(rng),
      metrics_(metrics),
      legs_(executor) {}

asio::awaitable<http::Response> LegDoor::handle(http::Request) { co_return http::decoy(); }

bool LegDoor::take_upgrade(io::HttpUpgrade& upgrade) {
  const auto& head = upgrade.head.reveal_to_socket();
  if (draining_ || !ws::is_leg_request(head)) return false;
  const std::string_view target(head.target().data(), head.target().size());
  const auto grant = guard_.admit(io::unix_now(), target.substr(target.rfind('/') + 1));
  if (!grant) {
    metrics_.legs_refused[grant.error()].add();
    observe::log(observe::Level::Info, "leg-refused", observe::kv("why", grant.error()));
    return false;
  }
  legs_.spawn(serve(std::move(upgrade), grant->match));
  return true;
}

asio::awaitable<void> LegDoor::close(Duration grace) {
  draining_ = true;
  io::DeadlineTimer end_of_grace(executor_, [this](TimePoint) { legs_.cancel(); });
  end_of_grace.arm(io::now() + grace);
  co_await legs_.join();
}

asio::awaitable<void> LegDoor::serve(io::HttpUpgrade upgrade, MatchId match) {
  const auto leg = co_await ws::accept(std::move(upgrade), rng_);
  if (!leg) co_return;
  io::Wakeup over(executor_);
  io::SessionPath path(executor_, quic::ServerConfig{identity_, {}},
                       core::EgressPathHandshake(io::now(), rng_, sessions_, match), rng_, *this);
  ends_.emplace(&path, &over);
  metrics_.paths.add(1);
  path.attach_pipe(*leg);
  leg->start(path);
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await over.wait();
  ends_.erase(&path);
  metrics_.paths.add(-1);
}

void LegDoor::on_path_ready(TimePoint now, io::SessionPath& path) {
  const auto& id = path.egress_handshake()->session();
  auto* session = id ? sessions_.find(*id) : nullptr;
  if (session == nullptr) return path.leave(now, wire::ByeCode::SessionOver);
  path.attach(now, session->host());
}

void LegDoor::on_path_over(TimePoint, io::SessionPath& path, const io::PathOver& over) {
  observe::log(observe::Level::Info, "path-over", observe::kv("why", over.end.quic.kind),
               observe::kv("carried", over.was_carrying));
  ends_.at(&path)->notify();
}

}  // namespace footbridge::egress
