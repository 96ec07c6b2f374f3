// Many UDP datagrams with one system call, both ways: the kernel cuts one buffer into datagrams of equal length
// (UDP_SEGMENT) and joins those that arrive in a row from one sender (UDP_GRO). A run is such a row; only its last
// datagram may be shorter.
//
// Errors: what the network or a full buffer does to datagrams is loss, and silent. Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include "base/bytes.hpp"

namespace footbridge::io {

// Runs that one system call brings at most, and the longest run that UDP_GRO makes.
inline constexpr std::size_t kReceiveRuns = 4;
inline constexpr std::size_t kMaxRunBytes = 65'536;
// What is taken from one socket before others get their turn, and before it is acknowledged. Where datagrams come
// singly it must be far more than one system call brings: acknowledging every few packets halves SCTP's goodput on a
// line with loss.
inline constexpr std::size_t kReceiveTurnDatagrams = 216;
// One UDP_SEGMENT call may hold 64 datagrams and 65,507 bytes; 54 of 1200 bytes stay below it, and of longer ones, up
// to kMaxBatchedBytes, fewer fit.
inline constexpr std::size_t kMaxBatchDatagrams = 54;
inline constexpr std::size_t kMaxBatchBytes = 65'507;
inline constexpr std::size_t kMaxBatchedBytes = 1'472;  // an Ethernet frame's
// A burst of a window of several streams; below that bursts are lost inside the host.
inline constexpr int kDatagramBufferBytes = 4 << 20;

// Large buffers, and UDP_GRO where the kernel has it.
void prepare_datagram_socket(int socket);

// Whether the kernel may cut a datagram of this UDP socket that is too long for the path. Forbidden, it is lost there,
// so that one which arrives has proved that its length fits.
void allow_fragments(int socket, bool allowed);

// To `to`, or, null, to where the socket is connected; singly where the kernel or the device cannot segment. False: the
// system says that nobody is there (a connected socket heard ICMP's word for it).
bool send_run(int socket, const sockaddr_storage* to, ByteView run, std::size_t segment_bytes);

class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void send_run(ByteView run, std::size_t segment_bytes) = 0;
};

// Datagrams that wait for flush(), in order. Copies them; memory is kept for the next ones. The owner flushes when
// full().
class DatagramBatch {
 public:
  void append(ByteView datagram);  // at most kMaxBatchedBytes
  bool empty() const { return lengths_.empty(); }
  bool full() const {
    return lengths_.size() >= kMaxBatchDatagrams || bytes_.size() + kMaxBatchedBytes > kMaxBatchBytes;
  }
  std::size_t size_bytes() const { return bytes_.size(); }

  // Hands everything over in order, in as few runs as possible.
  void flush(DatagramSink& sink);
  // The same to a socket; as send_run().
  bool flush(int socket, const sockaddr_storage* to);

 private:
  Bytes bytes_;
  std::vector<std::uint16_t> lengths_;
};

// The datagrams of a run, in order.
template <class Visit>
void for_each_datagram(ByteView run, std::size_t segment_bytes, Visit&& visit) {
  for (; !run.empty(); run = run.subspan(std::min(segment_bytes, run.size())))
    visit(run.first(std::min(segment_bytes, run.size())));
}

class DatagramRuns {
 public:
  virtual ~DatagramRuns() = default;
  // Valid during the call only. `segment_bytes` is the length of all datagrams but perhaps the last. False: read no
  // more; the socket may be closed, and this gone.
  virtual bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) = 0;
};

// Where datagrams land. One per thread and enough: what receive() shows is used up before it returns.
class DatagramReceiver {
 public:
  enum class Outcome : std::uint8_t { Done, Gone };  // Gone: as send_run() says it
  // What is waiting, up to about kReceiveTurnDatagrams; nothing waiting is fine.
  Outcome receive(int socket, DatagramRuns& runs);

 private:
  Bytes memory_ = Bytes(kReceiveRuns * kMaxRunBytes);
};

// This thread's. 256 KiB, from the first use on.
DatagramReceiver& datagram_receiver();

}  // namespace footbridge::io
