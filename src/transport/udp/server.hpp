// Server: the UDP port of one worker of an egress: the door for legs that begin, and the common socket of those that
// have begun. A leg's name is its proxy's address and port.
//
// Bounds: nothing is kept for a datagram before its cookie has come back; then what the gate admits. Everything that is
// no leg's and no good token's is dropped without a word; a good knock is answered with 32 bytes to 200 or more.
// Errors: the constructor throws io::ListenError. Ownership: jar, gate and rng outlive it, and it outlives its legs.
// Threads: the executor's one thread.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/id.hpp"
#include "core/udp_leg/udp_leg_handshake.hpp"
#include "io/datagrams.hpp"
#include "transport/udp/leg.hpp"

namespace footbridge::udp {

// What the egress behind the port decides.
class Gate {
 public:
  virtual ~Gate() = default;
  // The port of the worker that a leg with this token will belong to; nullopt: no token of ours, or used.
  virtual std::optional<std::uint16_t> port_for(TimePoint now, ByteView token) = 0;
  // The cookie came back: uses the token up. nullopt: not good, not this worker's, or too many legs of this network.
  struct Admitted {
    MatchId match;
    io::ConnectionPermit permit;
  };
  virtual std::optional<Admitted> admit(TimePoint now, const Endpoint& peer, ByteView token) = 0;
  // A leg of an admitted one, from this proxy. Destroy it in this call, or from a later turn of the loop than its last
  // event.
  virtual void take(std::unique_ptr<Leg> leg, MatchId match, const Endpoint& peer) = 0;
};

class Server final : private io::DatagramRuns {
 public:
  Server(asio::any_io_executor executor, const Endpoint& address, const core::UdpCookieJar& jar, Gate& gate, Rng& rng);
  ~Server() override;

  Endpoint local() const { return local_; }
  std::size_t legs() const { return legs_.size(); }
  void start();
  // No new legs from now on; those that are here go on.
  void drain() { draining_ = true; }

 private:
  class LegLine;
  void wait_readable();
  bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) override;
  void on_stranger(const sockaddr_storage& from, const Endpoint& peer, ByteView datagram);
  void begin(const sockaddr_storage& from, const Endpoint& peer, const core::UdpEnter& enter);

  asio::any_io_executor executor_;
  const core::UdpCookieJar& jar_;
  Gate& gate_;
  Rng& rng_;
  asio::ip::udp::socket socket_;
  Endpoint local_;
  std::map<Endpoint, Leg*> legs_;  // only admitted ones; ordered, because peers choose their ports
  TimePoint now_{};                // of the turn that receives
  bool draining_ = false;
  // Two owners: this server and the wait that is pending in the loop, which may outlive it by one turn.
  std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
};

}  // namespace footbridge::udp
