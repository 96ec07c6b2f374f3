// One application's UDP association (RFC 1928 §7): a UDP port for it on the address it reached us at, for as long as
// its TCP connection stands. Datagrams go out as flows of the session; answers come back with the address they are
// from.
//
// Only the peer of the TCP connection may use the port: its address always, and its port as UDP ASSOCIATE named it, or
// else that of the first datagram. Fragments are dropped. When the session ends the association ends, and the
// application sees its TCP connection closed. Bounds: kMaxAssociations; what waits is the kernel's buffer and the
// session's queue. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <set>

#include "programs/client/conversation.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {

// A resolver, a browser and some calls; each has a socket here.
inline constexpr std::size_t kMaxAssociations = 64;

class UdpAssociation;

// The associations of one door: how many there are, and how they are ended together.
class UdpAssociations {
 public:
  bool full() const { return all_.size() >= kMaxAssociations; }
  std::size_t size() const { return all_.size(); }
  // They do not end by themselves, so a drain ends them at once.
  void close();

 private:
  friend class UdpAssociation;
  std::set<UdpAssociation*> all_;
};

// After the handshake, of a request for UDP ASSOCIATE. References outlive the call.
asio::awaitable<void> serve_udp(LocalConnection& application, wire::SocksServer& socks, const LocalServices& services);

}  // namespace footbridge::client
