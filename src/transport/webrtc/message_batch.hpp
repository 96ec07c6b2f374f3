// Messages one behind the other in one buffer: how batches travel between threads and wait for room. Appending costs a
// copy and, once the buffer has grown, no allocation; clear() keeps the memory up to kKeepBytes.
// Not thread-safe. Unbounded: its user bounds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace footbridge::webrtc {

class MessageBatch {
 public:
  // Two relay queues' worth: an idle link must not sit on the memory of its busiest moment, nor ten busy ones on that
  // of each, several times over, for a link has a handful of these. 512 KiB cost a volunteer with ten clients 5 MB
  // more.
  static constexpr std::size_t kKeepBytes = 128 * 1024;

  void append(ByteView message) {
    footbridge::append(bytes_, message);
    lengths_.push_back(static_cast<std::uint32_t>(message.size()));
  }
  // Moves everything `more` holds to the end of this; `more` is empty afterwards.
  void take(MessageBatch& more) {
    if (empty()) {
      std::swap(*this, more);
    } else {
      footbridge::append(bytes_, more.rest());
      lengths_.insert(lengths_.end(), more.lengths_.begin() + static_cast<std::ptrdiff_t>(more.next_),
                      more.lengths_.end());
    }
    more.clear();
  }

  bool empty() const { return next_ == lengths_.size(); }
  std::size_t count() const { return lengths_.size() - next_; }
  std::size_t byte_count() const { return bytes_.size() - offset_; }

  ByteView front() const { return FB_ASSERT(!empty()), ByteView(bytes_).subspan(offset_, lengths_[next_]); }
  void pop() {
    FB_ASSERT(!empty());
    offset_ += lengths_[next_++];
    if (empty()) return clear();
    if (offset_ > kKeepBytes && offset_ > bytes_.size() / 2) compact();
  }
  void clear() {
    bytes_.clear();
    lengths_.clear();
    next_ = offset_ = 0;
    if (bytes_.capacity() > kKeepBytes) Bytes().swap(bytes_);
  }
  // Views of all messages, valid until the batch changes.
  void views(std::vector<ByteView>& out) const {
    out.clear();
    std::size_t offset = offset_;
    for (std::size_t i = next_; i < lengths_.size(); offset += lengths_[i++])
      out.push_back(ByteView(bytes_).subspan(offset, lengths_[i]));
  }

 private:
  ByteView rest() const { return ByteView(bytes_).subspan(offset_); }
  void compact() {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset_));
    lengths_.erase(lengths_.begin(), lengths_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = offset_ = 0;
  }

  Bytes bytes_;
  std::vector<std::uint32_t> lengths_;
  std::size_t next_ = 0;    // the first message not yet popped
  std::size_t offset_ = 0;  // where it begins
};

}  // namespace footbridge::webrtc
