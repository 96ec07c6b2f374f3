// Feed: what a response goes on with, piece by piece, for as long as there is any: server-sent events, or a body that
// is too long to be copied for each who asks. The connection ends with it.
//
// Who reads slowly waits for nobody and is waited for by nobody: kWriteLimit for each kFeedWriteBytes, feed_limit() for
// a piece, then the connection is closed. Ownership: a piece is shared with its maker, so that many readers of the
// same bytes hold them once. Threads: the connection's.
#pragma once

#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::http {

inline constexpr std::size_t kFeedWriteBytes = 64 * 1024;
// NTS-B36: a minute, and from then on so many bytes a second: a slow line gets the largest page, and nobody holds old
// pieces for long.
inline constexpr Seconds kFeedPieceLimit{60};
inline constexpr std::size_t kFeedLeastRate = 64 * 1024;
constexpr Seconds feed_limit(std::size_t bytes) { return kFeedPieceLimit + Seconds(bytes / kFeedLeastRate); }

class Feed {
 public:
  // Two owners: who made it, and each connection that still writes it.
  using Piece = std::shared_ptr<const Bytes>;
  static Piece piece(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }  // the same two owners

  virtual ~Feed() = default;
  // The next piece; null: there is none any more. Ends by itself within seconds, whatever happens: nothing else ends
  // the wait, and that a reader has gone is noticed when something is written to him.
  virtual asio::awaitable<Piece> next() = 0;
};

}  // namespace footbridge::http
