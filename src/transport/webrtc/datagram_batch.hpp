// Datagrams on their way to the network, gathered so that one system call carries many: kernels cut one buffer into
// segments of equal length (UDP_SEGMENT), which halves the CPU of a sender. A run is a row of datagrams of one length,
// of which only the last may be shorter.
// Bounds: kMaxBatchDatagrams, kMaxBatchBytes; the owner flushes when full(). Memory is kept for the next batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace footbridge::webrtc {

// 54 × 1200 B stays below the 65,507 bytes that one UDP_SEGMENT call may hold; of longer ones fewer fit.
inline constexpr std::size_t kMaxBatchDatagrams = 54;
inline constexpr std::size_t kMaxBatchBytes = 65'507;
// The longest datagram of a link: kMaxNativeMessageBytes and the 37 bytes that DTLS 1.2 with AES-GCM adds.
inline constexpr std::size_t kMaxLinkDatagramBytes = 1237;

class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  // `run` holds datagrams of `segment_bytes` each, the last one possibly shorter.
  virtual void send_run(ByteView run, std::size_t segment_bytes) = 0;
};

class DatagramBatch {
 public:
  void append(ByteView datagram);
  bool full() const {
    return lengths_.size() >= kMaxBatchDatagrams || bytes_.size() + kMaxLinkDatagramBytes > kMaxBatchBytes;
  }
  bool empty() const { return lengths_.empty(); }
  // Hands everything over in order, in as few runs as possible.
  void flush(DatagramSink& sink);

 private:
  Bytes bytes_;
  std::vector<std::uint16_t> lengths_;
};

}  // namespace footbridge::webrtc
