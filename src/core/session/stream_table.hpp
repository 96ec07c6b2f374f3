// The streams of a session by number, from their first sign of life until both ends have let go of them for good.
//
// Bounds: as opener, at most peer_max streams that are not lingering; as acceptor, ours likewise (one more is refused),
// and twice as many with those that linger (one more is a violation). Numbers are never used twice: one at or below the
// highest that is not in the table is over. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "core/session/stream.hpp"

namespace footbridge::core {

class StreamTable {
 public:
  // What a number in a frame of the peer means.
  enum class Meaning : std::uint8_t {
    Live,        // find() has it
    Over,        // was live once; what still arrives about it is late
    New,         // the peer's next, or one that overtook others
    Impossible,  // not ours to have been opened, or not yet: a violation
  };

  // `opener`: this end opens streams (the client); else the peer does.
  StreamTable(bool opener, PagePool& pool, WindowLedger& windows) : opener_(opener), pool_(pool), windows_(windows) {}

  Stream* find(StreamId id);
  const Stream* find(StreamId id) const;
  Meaning meaning(StreamId id) const;

  void set_send_limit(std::uint64_t limit) { send_limit_ = limit; }  // of streams to come
  std::size_t size() const { return streams_.size(); }
  std::size_t working() const;  // without those that linger

  // As opener: the next stream. The caller has looked at working().
  Stream& open(TimePoint now);
  bool numbers_left() const { return next_ <= wire::kMaxStreamId; }
  // As acceptor: makes `id` and every skipped number before it. False: more than `most` streams would be in the table.
  [[nodiscard]] bool accept(StreamId id, TimePoint now, std::size_t most);
  void erase(StreamId id);

  template <class Visit>
  void for_each(Visit&& visit) {
    for (auto& [id, stream] : streams_) visit(*stream);
  }

 private:
  Stream& make(StreamId id, TimePoint now);
  bool opener_;
  PagePool& pool_;
  WindowLedger& windows_;
  std::uint64_t send_limit_ = 0;
  StreamId next_ = 1;                                    // the lowest odd number that was never used
  std::map<StreamId, std::unique_ptr<Stream>> streams_;  // ordered: the peer chooses the numbers
};

}  // namespace footbridge::core
