// The receiving direction of one stream: bytes from the datagrams, in any order and any number of times, until the user
// has consumed them in order.
//
//   Open ──all arrived──▶ Complete ──all consumed──▶ Drained
//     └── RESET ──▶ Reset
//
// After discard() (the user reads no more) bytes are counted and confirmed but not kept.
//
// Bounds: at most limit() − consumed() bytes are held, in at most kMaxHoles + 1 pieces. Errors: SessionErrc::Violation
// for what no honest peer sends (bytes past the limit, two final sizes, bytes behind the end); OutOfMemory.
// Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/session/paged_bytes.hpp"
#include "core/session/range_set.hpp"
#include "core/session/session_types.hpp"

namespace footbridge::core {

// Twice what a window of 4 MiB in packets of 1132 bytes can show when every second one is missing.
inline constexpr std::size_t kMaxHoles = 4096;

class ReceiveStream {
 public:
  enum class State : std::uint8_t { Open, Complete, Drained, Reset };

  ReceiveStream(PagePool& pool, std::uint64_t limit) : bytes_(pool, MemoryUse::Receiving), limit_(limit) {}

  State state() const { return state_; }
  bool over() const { return state_ == State::Drained || state_ == State::Reset; }
  // Position: one above the last byte once the end has arrived with all before it.
  std::uint64_t contiguous() const { return contiguous_ + (state_ == State::Open ? 0 : 1); }
  std::uint64_t limit() const { return limit_; }
  std::uint64_t highest() const { return highest_; }
  std::uint64_t consumed() const { return consumed_; }
  std::uint64_t unread() const { return contiguous_ - consumed_; }
  bool discarding() const { return discarding_; }

  struct Arrival {
    std::uint64_t fresh_bytes = 0;     // had not arrived before
    std::uint64_t highest_growth = 0;  // to be charged to the session's limit
    bool readable = false;             // more bytes in order, or the end
  };
  Result<Arrival, SessionErrc> on_data(std::uint64_t offset, ByteView payload, bool fin);
  // RESET. Answers the growth of highest() to be charged; unread bytes are gone. Nothing happens once all has arrived.
  Result<std::uint64_t, SessionErrc> on_reset(std::uint64_t final_size);

  ByteView peek(std::uint64_t skip = 0) const;
  void consume(std::uint64_t count);  // at most unread()
  void discard();
  void raise_limit(std::uint64_t limit);

 private:
  bool allowed(std::uint64_t end, bool fin) const;
  Result<std::uint64_t, SessionErrc> store(Range range, ByteView payload);
  void settle();

  PagedBytes bytes_;
  State state_ = State::Open;
  bool discarding_ = false;
  std::uint64_t consumed_ = 0;
  std::uint64_t contiguous_ = 0;
  std::uint64_t highest_ = 0;
  std::uint64_t limit_;
  std::optional<std::uint64_t> final_size_;
  RangeSet beyond_;  // arrived, above contiguous_
};

}  // namespace footbridge::core
