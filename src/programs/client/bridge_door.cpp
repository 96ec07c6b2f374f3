#include "programs/client/bridge_door.hpp"

#include <algorithm>
#include <utility>

#include "io/clock.hpp"
#include "io/unless.hpp"
#include "io/with_deadline.hpp"
#include "programs/client/socks_conversation.hpp"
#include "programs/client/socks_handshake.hpp"

namespace footbridge::client {
namespace {

io::ListenOptions listen_options(const Endpoint& address) {
  const io::ConnectionLimits limits{.max_connections = kMaxBridgeConnections, .max_per_prefix = kMaxBridgeConnections};
  return {.address = address, .option = "the SOCKS port for tor", .limits = limits};
}

// What went wrong, for somebody whose destination is always the same one.
std::string sentence_for_tor(OpenFailure failure, const Tunnel& tunnel) {
  switch (failure) {
    case OpenFailure::Refused:
    case OpenFailure::Unreachable:
    case OpenFailure::TimedOut:
    case OpenFailure::DnsFailure:
      return "the egress stands, but the Tor bridge behind it does not answer; its operator has to look after it";
    case OpenFailure::Policy:
      return "this egress is no door to a Tor bridge; ask for another bridge line where you got this one";
    case OpenFailure::Internal: return "the egress failed, or is too old to be a door to a Tor bridge";
    case OpenFailure::Limit: return "the egress has too many connections of ours already; tor will try again";
    case OpenFailure::NoPath:
    case OpenFailure::NoAnswer:
    case OpenFailure::SessionLost:
    case OpenFailure::BadDestination:
    case OpenFailure::NoUdp:
    case OpenFailure::Stopping: return tunnel.explain(failure);
  }
  return tunnel.explain(failure);
}

}  // namespace

BridgeDoor::BridgeDoor(asio::any_io_executor executor, const Endpoint& listen, Duration open_limit,
                       NetworkTable& networks, SettingsOf settings_of, Complain complain)
    : listener_(std::move(executor), listen_options(listen)),
      open_limit_(open_limit),
      networks_(networks),
      settings_of_(std::move(settings_of)),
      complain_(std::move(complain)) {}

asio::awaitable<void> BridgeDoor::run() {
  co_await listener_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); });
}

void BridgeDoor::stop() {
  listener_.close();
  listener_.cancel_connections();
}

asio::awaitable<void> BridgeDoor::serve(io::Accepted accepted) {
  const auto permit = std::move(accepted.permit);  // counts this connection until the end
  LocalConnection tor(std::move(accepted.socket));
  wire::SocksServer socks(wire::SocksUse::Transport);
  const auto too_late = io::now() + kBridgeHandshakeLimit;
  const auto ready = co_await io::with_deadline(too_late, shake_hands(tor, socks));
  if (io::now() >= too_late) {
    socks.on_deadline();  // nothing to say to a connection that is over, or whose request is whole
    static_cast<void>(co_await tor.write(socks.take_output()));
  }
  if (socks.arguments_error())
    complain("the bridge line's arguments cannot be read: " + std::string(name(*socks.arguments_error())));
  if (ready == true) co_await connect(tor, socks);
  co_await tor.close_gently();
}

asio::awaitable<void> BridgeDoor::connect(LocalConnection& tor, wire::SocksServer& socks) {
  const auto settings = settings_of_(socks.request()->arguments);
  if (!settings) co_return co_await refuse(tor, socks, wire::SocksReply::ArgumentsUnusable, settings.error().sentence);
  const auto lease = networks_.use(io::now(), *settings);
  if (!lease)
    co_return co_await refuse(tor, socks, wire::SocksReply::GeneralFailure,
                              std::to_string(kMaxNetworks) +
                                  " networks are in use already, or are being left at this moment; if this lasts, "
                                  "have fewer different bridge lines in torrc");
  auto& tunnel = lease->tunnel();
  auto opened = co_await io::unless(tor.until_hung_up(), tunnel.open_bridge(io::now() + open_limit_));
  if (!opened) co_return tor.abort();
  if (!opened->ok()) {
    const auto why = opened->error();
    if (why != OpenFailure::Stopping) complain(sentence_for_tor(why, tunnel));  // who stops us knows why
    static_cast<void>(co_await reply(tor, socks, socks_reply(why)));
    co_return;
  }
  const auto stream = std::move(*opened).value();
  if (co_await reply(tor, socks, wire::SocksReply::Granted)) co_await be_a_pipe(tor, *stream);
}

asio::awaitable<void> BridgeDoor::refuse(LocalConnection& tor, wire::SocksServer& socks, wire::SocksReply code,
                                         std::string sentence) {
  complain(sentence);
  static_cast<void>(co_await reply(tor, socks, code));
}

void BridgeDoor::complain(std::string_view sentence) {
  const auto now = io::now();
  std::erase_if(complaints_, [&](const Complaint& told) { return now - told.at >= kComplainPause; });
  const auto known = std::ranges::find(complaints_, sentence, &Complaint::sentence);
  if (known != complaints_.end() || complaints_.size() == kMaxComplaints) return;
  complaints_.push_back({std::string(sentence), now});
  complain_(sentence);
}

}  // namespace footbridge::client
