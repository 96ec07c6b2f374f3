// FrontDoor: the local port for our user's programs. One port for SOCKS5 (with UDP), SOCKS4(a), HTTP CONNECT, plain
// HTTP and the PAC file: the first byte of a connection tells which. Everything leaves through the Tunnel; nothing is
// resolved or connected from here.
//
// Listens where it is told; that this is loopback unless the user insists is checked with the options.
// Bounds: kMaxLocalConnections; see conversation.hpp for the limits of each. Threats T4 (client side), T22.
// Ownership: the tunnel outlives it; run() has returned before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <set>
#include <string>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "io/listener.hpp"
#include "programs/client/conversation.hpp"
#include "programs/client/pac.hpp"
#include "programs/client/tunnel.hpp"
#include "programs/client/udp_conversation.hpp"

namespace footbridge::client {

// A browser with many tabs keeps some 250; two of them, and each at 80 KiB of buffers is 40 MiB.
inline constexpr std::size_t kMaxLocalConnections = 512;

class FrontDoor {
 public:
  // Throws io::ListenError. open_limit: how long a request waits for a way out.
  FrontDoor(asio::any_io_executor executor, const Endpoint& listen, Duration open_limit, Tunnel& tunnel, Rng& rng);

  Endpoint local() const { return listener_.local(); }
  std::string pac_url() const { return pac_.url(); }
  std::size_t connections() const { return listener_.connections(); }
  std::size_t associations() const { return associations_.size(); }

  // Serves until cancelled, or drained and the last connection has ended.
  asio::awaitable<void> run();
  // Closes the door and the connections on which nothing is under way.
  void drain();
  // Ends all connections now.
  void stop();

 private:
  asio::awaitable<void> serve(io::Accepted accepted);
  asio::awaitable<bool> await_request(LocalConnection& application, Duration limit);

  io::Listener listener_;
  PacFile pac_;
  UdpAssociations associations_;
  LocalServices services_;
  std::set<LocalConnection*> idle_;  // those that wait for a request
  bool draining_ = false;
};

}  // namespace footbridge::client
