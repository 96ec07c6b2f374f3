// Session stream 0 as a row of records in each direction: the words of wire/session_records.hpp, as reliable as data.
//
// Bounds: the peer's records are taken as they come, one record is kept while incomplete; ours wait in the stream's
// buffer, at most kControlBuffer bytes. Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "core/session/stream.hpp"
#include "wire/session_records.hpp"

namespace footbridge::core {

// Both ends begin with it, nothing announces it. Two records for each of 512 streams take 24 KiB.
inline constexpr std::uint64_t kControlWindow = 64U << 10;
inline constexpr std::uint64_t kControlBuffer = 64U << 10;

class ControlChannel {
 public:
  ControlChannel(PagePool& pool, Rng& rng, TimePoint now)
      : rng_(rng), stream_(0, pool, kControlWindow, {kControlWindow, kControlWindow, 0, 0}, now) {}

  Stream& stream() { return stream_; }
  const Stream& stream() const { return stream_; }

  // Queues a record; answers the position behind it (for "has it been confirmed?"). nullopt: no room or no memory.
  std::optional<std::uint64_t> say(const wire::Record& record);
  bool confirmed(std::uint64_t position) const { return stream_.send.confirmed() >= position; }

  // The peer's next whole record, after new bytes have arrived; nullopt: none yet. An error ends the session.
  Result<std::optional<wire::Record>, wire::RecordErrc> next();

 private:
  bool write(const wire::Record& record);
  Rng& rng_;
  Stream stream_;
  std::uint64_t written_ = 0;
  Bytes partial_;  // the beginning of a record
};

}  // namespace footbridge::core
