// A client at an egress without a network between them: it dials its own legs, with tokens and tickets that it seals
// itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/leg_token.hpp"
#include "crypto/shared_keys.hpp"
#include "crypto/ticket.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/session_host.hpp"
#include "io/session_path.hpp"
#include "io/session_stream.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"
#include "transport/udp/dial.hpp"
#include "transport/ws/handshake.hpp"
#include "wire/session_open.hpp"

namespace footbridge::test {

// What its egress is reached with.
struct EgressAddress {
  std::string relay;  // the token follows as one more segment
  quic::SpkiPin pin;
  crypto::SecretKey leg_key;
  std::uint16_t udp_port = 0;  // 0: legs over WebSocket
};

class EgressClient final : private io::SessionHostEvents, private io::SessionPathEvents {
 public:
  EgressClient(asio::any_io_executor executor, io::Connector& connector, const EgressAddress& egress,
               std::uint16_t shard, Rng& rng)
      : executor_(executor), connector_(connector), egress_(egress), shard_(shard), rng_(rng), changed_(executor) {}

  // One more path; the first begins the session. Answers whether the egress granted it.
  asio::awaitable<bool> add_path() {
    const auto match = MatchId::random(rng_);
    const auto of_leg = std::exchange(leg_match, std::nullopt).value_or(match);
    auto leg = co_await dial(of_leg);
    if (!leg) co_return false;
    const auto ticket = show ? show(match) : sealed_ticket(match);
    auto& path = *paths_.emplace_back(std::make_unique<Path>());
    path.leg = std::move(leg);
    core::ClientPathHandshake handshake(io::now(), rng_, says_leg_match ? of_leg : match, core::SessionConfig{}.limits,
                                        grant_, Private<Bytes>(ticket));
    io::SessionPathEvents& events = *this;
    path.quic = std::make_unique<io::SessionPath>(executor_, quic::ClientConfig{egress_.pin, {}}, std::move(handshake),
                                                  rng_, events);
    path.quic->attach_pipe(*path.leg);
    path.leg->start(*path.quic);
    const auto granted = granted_, over = overs.size();
    while (granted_ == granted && overs.size() == over)
      if (!co_await io::with_deadline(Seconds{20}, changed_.wait())) co_return false;
    co_return granted_ > granted;
  }
  wire::Url url(const MatchId& match) {
    return wire::parse_url(egress_.relay).value().with_segment(crypto::leg_token_segment(sealed_token(match)));
  }
  Bytes sealed_token(const MatchId& match) {
    const crypto::LegToken token{match, shard_, UnixSeconds{count(io::unix_now()) + crypto::kLegTokenLifetimeSeconds}};
    return crypto::seal_leg_token(token, egress_.leg_key, rng_);
  }
  Bytes sealed_ticket(const MatchId& match) {
    crypto::Ticket ticket;
    ticket.match = match;
    ticket.proxy = crypto::proxy_mark(proxy);
    ticket.expiry = UnixSeconds{count(io::unix_now()) + crypto::kTicketLifetimeSeconds};
    return crypto::seal_ticket(ticket, crypto::ticket_key(egress_.leg_key), rng_);
  }
  // A stream that begins with this; null: none may be opened.
  std::unique_ptr<io::SessionStream> open(const wire::OpenHeader& header) {
    return host_->open(*wire::encode_open(header));
  }
  std::size_t paths() const { return host_ ? host_->path_count() : 0; }

  // What it shows instead of the ticket of its match; empty: nothing else.
  std::function<Bytes(const MatchId& match)> show;
  ProxyId proxy;  // whom its tickets name
  // Its proxy brings its next path to the leg of this match; does the client say so, too?
  std::optional<MatchId> leg_match;
  bool says_leg_match = false;
  // From now on it asks for a session that nobody knows.
  void forget_session() { grant_->session = SessionId::random(rng_); }
  std::vector<io::PathOver> overs;
  std::optional<Duration> go_away;

 private:
  asio::awaitable<std::unique_ptr<io::RelayLeg>> dial(MatchId match) {
    if (egress_.udp_port == 0) {
      auto leg = co_await ws::dial(connector_, url(match), rng_);
      if (leg) co_return std::move(*leg);
    } else {
      auto leg = co_await udp::dial(connector_, Private(std::string("127.0.0.1")), egress_.udp_port,
                                    Private(sealed_token(match)), rng_, Seconds{1});
      if (leg) co_return std::move(*leg);
    }
    co_return nullptr;
  }
  void on_path_ready(TimePoint now, io::SessionPath& path) override {
    const auto& ok = *path.client_handshake()->granted();
    if (!host_) {
      grant_ = core::SessionGrant{ok.session, ok.token};
      core::SessionConfig config;
      config.peer_limits = ok.limits;
      io::SessionHostEvents& events = *this;
      host_ = std::make_unique<io::SessionHost>(executor_, core::Session::Role::Client, config, rng_, memory_, events);
    }
    path.attach(now, *host_);
    ++granted_;
    changed_.notify();
  }
  void on_path_over(TimePoint, io::SessionPath&, const io::PathOver& over) override {
    overs.push_back(over);
    changed_.notify();
  }
  void on_stream_opened(core::StreamId) override {}
  void on_go_away(Duration after) override { go_away = after; }
  void on_session_ended(core::EndReason) override {}

  struct Path {
    std::unique_ptr<io::RelayLeg> leg;  // before what uses it
    std::unique_ptr<io::SessionPath> quic;
  };
  asio::any_io_executor executor_;
  io::Connector& connector_;
  const EgressAddress& egress_;
  std::uint16_t shard_;
  Rng& rng_;
  core::BoundedMemory memory_{1U << 26};
  io::Wakeup changed_;
  std::size_t granted_ = 0;
  std::optional<core::SessionGrant> grant_;
  std::unique_ptr<io::SessionHost> host_;
  std::vector<std::unique_ptr<Path>> paths_;
};

}  // namespace footbridge::test
