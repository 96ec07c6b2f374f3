// The UDP socket of a link's chosen pair: connected to the other side, on the local port on which ICE found the pair.
// The kernel hands it the datagrams of that one peer; everybody else's go on reaching ICE's own socket. So bulk data
// can be sent and received many datagrams at a time (UDP_SEGMENT, UDP_GRO, recvmmsg), which ICE's library cannot, and
// no datagram of ICE's is taken from it but those of a pair it has settled.
//
// Threads: one at a time. Ownership: owns its descriptor only.
// Bounds: kReceiveBuffers × 64 KiB of memory for a thread; the sockets' buffers are kSocketBufferBytes each.
// Errors: what the network or a full buffer does to datagrams is loss, and silent, also ICMP's word for it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <sys/socket.h>

#include "base/bytes.hpp"
#include "transport/webrtc/datagram_batch.hpp"

namespace footbridge::webrtc {

// What is taken before its acknowledgement goes out and others get their turn. Where datagrams come singly it must be
// far more than one system call brings: acknowledging every few packets halves SCTP's goodput on a line with loss.
inline constexpr std::size_t kReceiveTurnDatagrams = 216;
// Runs of datagrams that one system call brings at most.
inline constexpr std::size_t kReceiveBuffers = 4;
inline constexpr std::size_t kReceiveBufferBytes = 65'536;  // the longest run UDP_GRO makes

// Where datagrams land; one serves all sockets of a thread, because what receive() shows is used up before it returns.
class ReceiveScratch {
 public:
  ByteSpan buffer(std::size_t index) {
    return ByteSpan(bytes_).subspan(index * kReceiveBufferBytes, kReceiveBufferBytes);
  }

 private:
  Bytes bytes_ = Bytes(kReceiveBuffers * kReceiveBufferBytes);
};

class DatagramEvents {
 public:
  virtual ~DatagramEvents() = default;
  // Valid during the call only.
  virtual void on_datagram(ByteView datagram) = 0;
};

// Whether the kernel may cut a datagram of this UDP socket that is too long for the path. Forbidden, it is lost there,
// so that one which arrives has proved that its length fits.
void allow_fragments(int socket, bool allowed);

class PairSocket final : public DatagramSink {
 public:
  // Null when the system refuses: no descriptor, or the port cannot be shared.
  static std::unique_ptr<PairSocket> open(int ice_socket, const sockaddr_storage& remote);
  ~PairSocket() override;
  PairSocket(const PairSocket&) = delete;
  PairSocket& operator=(const PairSocket&) = delete;

  int descriptor() const { return socket_; }
  void send_run(ByteView run, std::size_t segment_bytes) override;
  void send(ByteView datagram) { send_run(datagram, datagram.size()); }
  // What is waiting, up to about kReceiveTurnDatagrams; nothing waiting is fine.
  void receive(ReceiveScratch& scratch, DatagramEvents& events);

 private:
  explicit PairSocket(int socket) : socket_(socket) {}
  bool send_segmented(ByteView run, std::size_t segment_bytes) const;
  struct Received {
    std::size_t runs = 0;
    std::size_t datagrams = 0;
  };
  Received receive_once(ReceiveScratch& scratch, DatagramEvents& events) const;

  int socket_;
  bool segments_ = true;  // until the kernel or the device says no
};

}  // namespace footbridge::webrtc
