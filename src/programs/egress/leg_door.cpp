#include "programs/egress/leg_door.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/session_path.hpp"
#include "io/wakeup.hpp"
#include "observe/log.hpp"
#include "transport/ws/handshake.hpp"

namespace footbridge::egress {
namespace {

// One leg's path, from its first byte until it is over. Outlived by the leg.
class Visit final : private io::SessionPathEvents, private core::PathAdmission {
 public:
  Visit(asio::any_io_executor executor, const quic::Identity& identity, MatchId match, Private<Endpoint> peer,
        LegGuard& guard, SessionTable& sessions, Rng& rng, EgressMetrics& metrics, ReceiptDesk* receipts)
      : guard_(guard),
        sessions_(sessions),
        rng_(rng),
        metrics_(metrics),
        receipts_(receipts),
        match_(match),
        peer_(std::move(peer)),
        over_(executor),
        receipt_due_(executor, [this](TimePoint now) { write_receipt(now); }),
        path_(executor, quic::ServerConfig{identity, {}},
              core::EgressPathHandshake(io::now(), rng, sessions, match, this), rng, *this) {
    metrics_.paths.add(1);
  }
  ~Visit() override {
    metrics_.paths.add(-1);
    write_receipt(io::now());
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  asio::awaitable<void> run(io::RelayLeg& leg) {
    path_.attach_pipe(leg);
    leg.start(path_);
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await over_.wait();
  }

 private:
  // core::PathAdmission
  std::optional<wire::RefusalCode> admit(TimePoint now, ByteView admission) override {
    auto ticket = guard_.redeem(now, io::unix_now(), match_, admission);
    if (ticket) {
      proxy_ = ticket->proxy;
      receipt_due_.arm(now + core::kReceiptAge);
      return std::nullopt;
    }
    metrics_.tickets_refused[ticket.error()].add();
    observe::log(observe::Level::Info, "ticket-refused", observe::kv("why", ticket.error()));
    return core::refusal_code(ticket.error());
  }
  void on_path_ready(TimePoint now, io::SessionPath& path) override {
    const auto& id = path.egress_handshake()->session();
    auto* session = id ? sessions_.find(*id) : nullptr;
    if (session != nullptr) {
      session->came_through(peer_);
      carried_ = true;
      return path.attach(now, session->host());
    }
    const auto bye = sessions_.goodbye(now);
    path.leave(now, bye.code, Seconds{bye.retry_after_seconds});
  }
  void on_path_silence(TimePoint, io::SessionPath&, bool silent) override {
    silent_ = silent;
    if (silent)
      observe::log(observe::Level::Debug, "path-suspect");
    else if (std::exchange(silence_told_, false))
      observe::log(observe::Level::Info, "path-heard-again");
  }
  void on_path_long_silence(TimePoint, io::SessionPath&) override {
    silence_told_ = true;
    observe::log(observe::Level::Info, "path-silent");
  }
  void on_path_over(TimePoint, io::SessionPath&, const io::PathOver& over) override {
    observe::log(observe::Level::Info, "path-over", observe::kv("why", over.end.quic.kind),
                 observe::kv("carried", over.was_carrying));
    over_.notify();
  }

  // Once.
  void write_receipt(TimePoint now) {
    const auto proxy = std::exchange(proxy_, std::nullopt);
    if (!proxy || receipts_ == nullptr) return;
    const auto& counters = path_.counters();
    receipts_->add(now, core::receipt_of(*proxy, {carried_, silent_, counters.bytes_in + counters.bytes_out}), rng_);
  }

  LegGuard& guard_;
  SessionTable& sessions_;
  Rng& rng_;
  EgressMetrics& metrics_;
  ReceiptDesk* receipts_;
  MatchId match_;
  std::optional<wire::ProxyMark> proxy_;  // once its client's ticket was taken, until there is a receipt
  bool carried_ = false;
  bool silent_ = false;
  Private<Endpoint> peer_;  // the proxy
  io::Wakeup over_;
  io::DeadlineTimer receipt_due_;
  io::SessionPath path_;
  bool silence_told_ = false;
};

}  // namespace

LegDoor::LegDoor(asio::any_io_executor executor, LegGuard& guard, const quic::Identity& identity,
                 SessionTable& sessions, Rng& rng, EgressMetrics& metrics, HandOver hand_over, ReceiptDesk* receipts)
    : executor_(executor),
      guard_(guard),
      identity_(identity),
      sessions_(sessions),
      rng_(rng),
      metrics_(metrics),
      hand_over_(std::move(hand_over)),
      receipts_(receipts),
      legs_(executor, "legs", io::TaskScope::kOthersGoOn) {}

asio::awaitable<http::Response> LegDoor::handle(http::Request) { co_return http::decoy(); }

bool LegDoor::take_upgrade(io::HttpUpgrade& upgrade) {
  const auto& head = upgrade.head.reveal_to_socket();
  if (draining_ || !ws::is_leg_request(head)) return false;
  const std::string_view target(head.target().data(), head.target().size());
  const auto grant = guard_.admit(io::now(), io::unix_now(), target.substr(target.rfind('/') + 1));
  if (!grant) {
    metrics_.legs_refused[grant.error()].add();
    observe::log(observe::Level::Info, "leg-refused", observe::kv("why", grant.error()));
    // Sealed with our own key, for a time that has not come: legs will be refused until somebody sets a clock.
    if (grant.error() == core::LegRefusal::TooFarAhead)
      observe::log(observe::Level::Warn, "clocks-disagree",
                   observe::kv("advice", "this egress is behind its broker; let both keep time by NTP"));
    return false;
  }
  if (!hand_over_ || !hand_over_(*grant, upgrade)) legs_.spawn(serve(std::move(upgrade), grant->match));
  return true;
}

void LegDoor::take_admitted(MatchId match, io::HttpUpgrade upgrade) {
  if (!draining_) legs_.spawn(serve(std::move(upgrade), match));
}

asio::awaitable<void> LegDoor::close(Duration grace) {
  draining_ = true;
  io::DeadlineTimer end_of_grace(executor_, [this](TimePoint) { legs_.cancel(); });
  end_of_grace.arm(io::now() + grace);
  co_await legs_.join();
}

asio::awaitable<void> LegDoor::serve(io::HttpUpgrade upgrade, MatchId match) {
  auto peer = upgrade.peer;
  auto leg = co_await ws::accept(std::move(upgrade), rng_);
  if (leg) co_await carry(std::move(leg), match, std::move(peer));
}

void LegDoor::take_leg(std::unique_ptr<io::RelayLeg> leg, MatchId match, Private<Endpoint> peer) {
  if (!draining_) legs_.spawn(carry(std::move(leg), match, std::move(peer)));
}

asio::awaitable<void> LegDoor::carry(std::unique_ptr<io::RelayLeg> leg, MatchId match, Private<Endpoint> peer) {
  Visit visit(executor_, identity_, match, std::move(peer), guard_, sessions_, rng_, metrics_, receipts_);
  co_await visit.run(*leg);
}

}  // namespace footbridge::egress
