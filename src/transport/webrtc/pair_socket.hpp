// The UDP socket of a link's chosen pair: connected to the other side, on the local port on which ICE found the pair.
// The kernel hands it the datagrams of that one peer; everybody else's go on reaching ICE's own socket. So bulk data
// can be sent and received many datagrams at a time (UDP_SEGMENT, UDP_GRO, recvmmsg), which ICE's library cannot, and
// no datagram of ICE's is taken from it but those of a pair it has settled.
//
// Threads: one at a time. Ownership: owns its descriptor only.
// Errors: what the network or a full buffer does to datagrams is loss, and silent, also ICMP's word for it.
#pragma once

#include <cstddef>
#include <memory>
#include <sys/socket.h>

#include "base/bytes.hpp"
#include "io/datagrams.hpp"

namespace footbridge::webrtc {

class PairSocket {
 public:
  // Null when the system refuses: no descriptor, or the port cannot be shared.
  static std::unique_ptr<PairSocket> open(int ice_socket, const sockaddr_storage& remote);
  ~PairSocket();
  PairSocket(const PairSocket&) = delete;
  PairSocket& operator=(const PairSocket&) = delete;

  int descriptor() const { return socket_; }
  void send_run(ByteView run, std::size_t segment_bytes) { io::send_run(socket_, nullptr, run, segment_bytes); }
  void send(ByteView datagram) { send_run(datagram, datagram.size()); }
  // What is waiting, up to about io::kReceiveTurnDatagrams; nothing waiting is fine.
  void receive(io::DatagramRuns& runs) { io::datagram_receiver().receive(socket_, runs); }

 private:
  explicit PairSocket(int socket) : socket_(socket) {}

  int socket_;
};

}  // namespace footbridge::webrtc
