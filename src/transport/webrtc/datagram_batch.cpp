#include "transport/webrtc/datagram_batch.hpp"

#include "base/assert.hpp"

namespace footbridge::webrtc {

void DatagramBatch::append(ByteView datagram) {
  FB_ASSERT(!full() && datagram.size() <= UINT16_MAX);
  footbridge::append(bytes_, datagram);
  lengths_.push_back(static_cast<std::uint16_t>(datagram.size()));
}

void DatagramBatch::flush(DatagramSink& sink) {
  std::size_t offset = 0;
  std::size_t first = 0;
  while (first < lengths_.size()) {
    const std::size_t segment = lengths_[first];
    std::size_t bytes = segment;
    std::size_t next = first + 1;
    while (next < lengths_.size() && lengths_[next] == segment) bytes += lengths_[next++];
    if (next < lengths_.size() && lengths_[next] < segment) bytes += lengths_[next++];  // a short one ends the run
    sink.send_run(ByteView(bytes_).subspan(offset, bytes), segment);
    offset += bytes;
    first = next;
  }
  bytes_.clear();
  lengths_.clear();
}

}  // namespace footbridge::webrtc
