// BridgeDoor: the local port that tor brings its connections to. SOCKS with a bridge line's arguments, CONNECT only;
// the arguments choose the network (NetworkTable), and every connection becomes a stream to the bridge behind its
// egress. Where the request says to connect to is read and ignored: a bridge line must have an address, and ours are
// placeholders.
//
//   handshake, kBridgeHandshakeLimit ──▶ settings ──▶ lease of a network ──▶ stream, open_limit ──▶ granted: bytes
//
// tor hears "granted" when the bridge has accepted, and not before. What it hears otherwise, and what its log says
// then, is in docs/spec/09-managed-transport.md §8. That it listens on loopback is checked with the parent's request.
//
// Bounds: kMaxBridgeConnections; each complaint once in kComplainPause, at most kMaxComplaints then. Ownership: table
// and `complain` outlive it; run() has returned before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "io/listener.hpp"
#include "programs/client/local_connection.hpp"
#include "programs/client/network_settings.hpp"
#include "programs/client/network_table.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {

// tor has one connection for each bridge it uses, and sometimes a second one; a session carries as many streams.
inline constexpr std::size_t kMaxBridgeConnections = 256;
// tor sends all of it at once; this is what other clients' transports grant.
inline constexpr Seconds kBridgeHandshakeLimit{5};
// tor tries a wrong bridge line again each second, for ever; the reader of its log has seen it by then.
inline constexpr Seconds kComplainPause{60};
// Different ones in that time: one for each bridge line that can be in use.
inline constexpr std::size_t kMaxComplaints = kMaxNetworks;

class BridgeDoor {
 public:
  using SettingsOf = std::function<Result<NetworkSettings, WrongArgument>(const wire::PtArguments& arguments)>;
  // Takes one sentence for the person who reads tor's log.
  using Complain = std::function<void(std::string_view sentence)>;

  // Throws io::ListenError. open_limit: how long a connection waits for a way out.
  BridgeDoor(asio::any_io_executor executor, const Endpoint& listen, Duration open_limit, NetworkTable& networks,
             SettingsOf settings_of, Complain complain);

  Endpoint local() const { return listener_.local(); }
  std::size_t connections() const { return listener_.connections(); }

  // Serves until cancelled, or drained and the last connection has ended.
  asio::awaitable<void> run();
  // Closes the door; connections go on.
  void drain() { listener_.close(); }
  // Ends all connections now.
  void stop();

 private:
  asio::awaitable<void> serve(io::Accepted accepted);
  asio::awaitable<void> connect(LocalConnection& tor, wire::SocksServer& socks);
  asio::awaitable<void> refuse(LocalConnection& tor, wire::SocksServer& socks, wire::SocksReply code,
                               std::string sentence);
  void complain(std::string_view sentence);

  io::Listener listener_;
  Duration open_limit_;
  NetworkTable& networks_;
  SettingsOf settings_of_;
  Complain complain_;
  struct Complaint {
    std::string sentence;
    TimePoint at;
  };
  std::vector<Complaint> complaints_;  // told within kComplainPause
};

}  // namespace footbridge::client
