#include "core/session/receive_stream.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

bool ReceiveStream::allowed(std::uint64_t end, bool fin) const {
  if (end > limit_) return false;
  if (final_size_) return fin ? end == *final_size_ : end <= *final_size_;
  return !fin || end >= highest_;
}

Result<ReceiveStream::Arrival, SessionErrc> ReceiveStream::on_data(std::uint64_t offset, ByteView payload, bool fin) {
  const auto end = offset + payload.size();
  if (state_ == State::Reset) return Arrival{};  // overtaken by its RESET
  if (!allowed(end, fin)) return SessionErrc::Violation;
  Arrival arrival;
  arrival.highest_growth = end > highest_ ? end - highest_ : 0;
  const auto before = contiguous();
  const auto fresh = store({offset, end}, payload);
  if (!fresh) return fresh.error();
  arrival.fresh_bytes = *fresh;
  highest_ = std::max(highest_, end);
  if (fin) final_size_ = end;
  settle();
  arrival.readable = contiguous() > before && !discarding_;
  return arrival;
}

Result<std::uint64_t, SessionErrc> ReceiveStream::store(Range range, ByteView payload) {
  if (range.begin < contiguous_) {
    const auto known = std::min(contiguous_ - range.begin, range.length());
    range.begin += known;
    payload = payload.subspan(static_cast<std::size_t>(known));
  }
  if (range.empty()) return std::uint64_t{0};
  const auto fresh = range.length() - beyond_.overlap(range);
  if (fresh == 0) return std::uint64_t{0};
  // What lies behind a hole may be written twice. An offset names the same byte for ever (I4); a peer that breaks this
  // harms only itself, since nobody has seen those bytes yet.
  if (!discarding_ && bytes_.write(range.begin, payload) < payload.size()) return SessionErrc::OutOfMemory;
  if (range.begin == contiguous_ && beyond_.empty()) {
    contiguous_ = range.end;
    return fresh;
  }
  beyond_.add(range);
  if (beyond_.front().begin <= contiguous_) {
    contiguous_ = beyond_.front().end;
    beyond_.remove_below(contiguous_);
  }
  if (beyond_.size() > kMaxHoles) return SessionErrc::Violation;
  return fresh;
}

void ReceiveStream::settle() {
  if (discarding_) consumed_ = contiguous_;
  if (state_ == State::Open && final_size_ && contiguous_ == *final_size_) state_ = State::Complete;
  if (state_ == State::Complete && consumed_ == contiguous_) state_ = State::Drained;
}

Result<std::uint64_t, SessionErrc> ReceiveStream::on_reset(std::uint64_t final_size) {
  if (final_size_ && final_size != *final_size_) return SessionErrc::Violation;
  if (final_size < highest_ || final_size > limit_) return SessionErrc::Violation;
  if (state_ != State::Open) return std::uint64_t{0};
  const auto growth = final_size - highest_;
  state_ = State::Reset;
  final_size_ = final_size;
  highest_ = contiguous_ = consumed_ = final_size;
  bytes_.clear();
  beyond_.clear();
  return growth;
}

ByteView ReceiveStream::peek(std::uint64_t skip) const {
  if (discarding_ || state_ == State::Reset || skip >= unread()) return {};
  return bytes_.view(consumed_ + skip, unread() - skip);
}

void ReceiveStream::consume(std::uint64_t count) {
  FB_ASSERT(count <= unread());
  consumed_ += count;
  bytes_.release_below(consumed_, highest_);
  settle();
}

void ReceiveStream::discard() {
  if (over()) return;
  discarding_ = true;
  bytes_.clear();
  settle();
}

void ReceiveStream::raise_limit(std::uint64_t limit) {
  FB_ASSERT(limit >= limit_);
  limit_ = limit;
}

}  // namespace footbridge::core
