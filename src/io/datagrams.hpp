// Many UDP datagrams with one system call, both ways: the kernel cuts one buffer into datagrams of equal length
// (UDP_SEGMENT) and joins those that arrive in a row from one sender (UDP_GRO). A run is such a row; only its last
// datagram may be shorter.
//
// Errors: what the network or a full buffer does to datagrams is loss, and silent. Threads: one at a time.
#pragma once

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
// What is taken from one socket before others get their turn.
inline constexpr std::size_t kMaxTurnRuns = 32;
// A run to send; below the 65,507 bytes and 64 segments that one call may hold.
inline constexpr std::size_t kMaxSendBytes = 62'000;
inline constexpr std::size_t kMaxSendSegments = 54;
// A burst of a window of several streams; below that bursts are lost inside the host.
inline constexpr int kDatagramBufferBytes = 4 << 20;

// Large buffers, and UDP_GRO where the kernel has it.
void prepare_datagram_socket(int socket);

// Datagrams that wait for flush(), in order. Copies them.
class DatagramQueue {
 public:
  void append(ByteView datagram);
  bool empty() const { return lengths_.empty(); }
  bool full() const { return lengths_.size() >= kMaxSendSegments || bytes_.size() >= kMaxSendBytes; }
  std::size_t size_bytes() const { return bytes_.size(); }

  // Sends all in as few calls as possible: to `to`, or, null, to where the socket is connected. False: the system says
  // that nobody is there (a connected socket heard ICMP's word for it).
  bool flush(int socket, const sockaddr_storage* to);

 private:
  Bytes bytes_;
  std::vector<std::uint16_t> lengths_;
};

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
  enum class Outcome : std::uint8_t { Done, Gone };  // Gone: as for flush()
  // What is waiting, up to kMaxTurnRuns; nothing waiting is fine.
  Outcome receive(int socket, DatagramRuns& runs);

 private:
  Bytes memory_ = Bytes(kReceiveRuns * kMaxRunBytes);
};

// This thread's. 256 KiB, from the first use on.
DatagramReceiver& datagram_receiver();

}  // namespace footbridge::io
