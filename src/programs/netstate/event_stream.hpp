// EventStream: server-sent events to everybody who watches (spec 18). Who comes gets the snapshot and then each delta;
// who comes back says which was his last, and goes on from there while that is kept. Nothing is queued for anybody: a
// viewer is a version, and what he has not seen is taken from what the core keeps anyway. Who does not read is closed
// on by the connection (transport/http/feed.hpp) and resumes.
//
// Bounds: kMaxViewers. A snapshot is made at most once in kSnapshotKept, for all who come meanwhile, and shared.
// Ownership: the core outlives it, and it outlives the feeds that it gave. Threads: the executor's one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "core/netstate/netstate.hpp"
#include "io/asio.hpp"
#include "transport/http/feed.hpp"

namespace footbridge::netstate {

// NTS-B30 and NTS-T30, spec 18 §7.
inline constexpr std::size_t kMaxViewers = 256;  // each is a connection, and what the kernel keeps for it
inline constexpr Seconds kSnapshotKept{1};       // so that many who come at once cost one

class EventStream {
 public:
  EventStream(asio::any_io_executor executor, core::Netstate& state) : executor_(executor), state_(state) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // `last_event_id`: empty, or what the viewer says that he has seen. Null: kMaxViewers are here.
  std::unique_ptr<http::Feed> watch(std::string_view last_event_id);
  // There is something new.
  void wake();
  // Everybody is let go, and nobody taken any more.
  void close();
  std::size_t viewers() const { return viewers_.size(); }

 private:
  class Viewer;
  http::Feed::Piece snapshot(std::uint64_t& version);
  std::optional<http::Feed::Piece> news(std::uint64_t& version);

  asio::any_io_executor executor_;
  core::Netstate& state_;
  std::set<Viewer*> viewers_;
  bool closed_ = false;
  http::Feed::Piece snapshot_;
  std::uint64_t snapshot_version_ = 0;
  TimePoint snapshot_until_{};
  http::Feed::Piece latest_;  // the news from latest_from_ on, which most viewers want
  std::uint64_t latest_from_ = 0;
  std::uint64_t latest_to_ = 0;
};

}  // namespace footbridge::netstate
