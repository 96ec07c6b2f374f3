// What the paths of a session take from it and tell it; and its deadlines.
#include <algorithm>

#include "core/session/session_parts.hpp"

namespace footbridge::core {

PathId Session::add_path(TimePoint now) {
  auto& p = *parts_;
  p.now = now;
  if (p.ended || p.paths.full()) return PathId{};
  ++p.stats.paths_added;
  p.without_path_since.reset();
  return p.paths.add(now).id;
}

std::size_t Session::path_count() const { return parts_->paths.size(); }

std::optional<PathId> Session::longest_silent_path() const {
  const Path* longest = nullptr;
  parts_->paths.for_each([&](const Path& path) {
    if (path.silence != Silence::Long) return;
    if (longest == nullptr || path.detector.heard() < longest->detector.heard()) longest = &path;
  });
  return longest == nullptr ? std::nullopt : std::optional(longest->id);
}

void Session::path_closed(TimePoint now, PathId id) {
  auto& p = *parts_;
  p.now = now;
  const auto path = p.paths.remove(id);
  if (!path) return;
  p.sender.reinject(now, *path);
  p.announcer.on_path_closed(now, id);
  if (p.paths.size() == 0) p.without_path_since = now;
}

void Session::on_path_stats(TimePoint now, PathId id, const PathStats& stats) {
  parts_->now = now;
  auto* path = parts_->paths.find(id);
  if (path == nullptr) return;
  path->stats = stats;
  path->detector.on_stats(now, stats);
  parts_->mind_silence(*path);
}

void Session::Parts::mind_silence(Path& path) {
  const auto silence = path.detector.silence();
  if (ended || silence == path.silence) return;
  const bool was_trusted = !path.suspect();
  path.silence = silence;
  events.push_back(event::PathSilence{path.id, silence});
  if (!path.suspect()) {
    sender.trust(path);
  } else if (was_trusted) {
    ++stats.paths_suspected;
    sender.reinject(now, path);
  }
}

void Session::on_fate(TimePoint now, PathId id, DatagramId datagram, DatagramFate fate) {
  auto& p = *parts_;
  p.now = now;
  auto* path = p.paths.find(id);
  if (p.ended || path == nullptr) return;
  const auto pieces = path->ledger.take(datagram);
  const bool acked = fate == DatagramFate::Acked;
  if (acked) path->detector.on_heard(now);
  p.mind_silence(*path);
  acked ? p.sender.on_acked(pieces) : p.sender.on_lost(now, pieces);
  if (pieces.empty() || !pieces.front().positions.empty()) return;
  p.announcer.on_fate(now, id, datagram, fate);
  for (const auto stream : p.announcer.take_confirmed())
    if (auto* confirmed = p.streams.find(stream)) p.retire_if_over(*confirmed);
}

std::optional<DatagramSource::Pulled> Session::pull(TimePoint now, PathId id, ByteSpan out) {
  auto& p = *parts_;
  p.now = now;
  auto* path = p.paths.find(id);
  if (p.ended || path == nullptr || path->suspect() || path->ledger.full()) return std::nullopt;
  if (out.size() < kLeastDatagram) return std::nullopt;
  wire::FrameWriter writer(out);
  const auto datagram = path->ledger.next_datagram();
  if (p.paths.may_carry_windows(*path, now)) {
    const auto frames = p.announcer.write(now, id, datagram, writer);
    if (frames > 0) path->ledger.record_windows(now);  // first, so that on_fate sees it at a glance
    p.stats.windows_sent += frames;
  }
  const bool flows_wait = p.flows.has_work(now, p.paths, *path);
  const bool flows_first = flows_wait && p.flows.take_turn(p.sender.has_work(now, *path));
  if (flows_first) p.flows.fill(writer);
  p.sender.fill(now, *path, writer);
  if (flows_wait && !flows_first) p.flows.fill(writer);
  if (writer.bytes() == 0) return std::nullopt;
  p.grease(writer);
  path->ledger.close_datagram();
  ++p.stats.datagrams_sent;
  return DatagramSource::Pulled{datagram, writer.bytes()};
}

void Session::Parts::grease(wire::FrameWriter& out) {
  if (until_grease > 1) {
    --until_grease;
    return;
  }
  // Where the datagram is full, the next one that is not carries it.
  if (out.room() < kLeastPieceRoom) return;
  const auto type = static_cast<std::uint8_t>(rng.between(wire::kFirstIgnorableType, wire::kLastIgnorableType));
  if (out.ignorable(type, rng.bytes(static_cast<std::size_t>(rng.between(0, 8)))))
    until_grease = rng.between(1, 2 * kGreaseEvery);
}

bool Session::has_work(PathId id) const {
  auto& p = *parts_;
  const auto* path = p.paths.find(id);
  if (p.ended || path == nullptr || path->suspect() || path->ledger.full()) return false;
  return p.sender.has_work(p.now, *path) || p.flows.has_work(p.now, p.paths, *path) ||
         (p.announcer.due(p.now) && p.paths.may_carry_windows(*path, p.now));
}

std::optional<TimePoint> Session::deadline() const {
  auto& p = *parts_;
  if (p.ended) return std::nullopt;
  auto first = earlier(p.retry_writes_at, p.flows.deadline(p.now, p.paths));
  if (p.without_path_since) return earlier(first, *p.without_path_since + p.config.no_path_ttl);
  p.paths.for_each([&](const Path& path) { first = earlier(first, path.detector.deadline()); });
  first = earlier(first, p.announcer.deadline(p.now));
  return earlier(first, p.sender.deadline(p.now));
}

void Session::on_deadline(TimePoint now) {
  auto& p = *parts_;
  p.now = now;
  if (p.ended) return;
  if (p.without_path_since && now >= *p.without_path_since + p.config.no_path_ttl) return p.end(EndReason::NoPath);
  p.flows.on_deadline(now);
  if (p.retry_writes_at && now >= *p.retry_writes_at) {
    p.retry_writes_at.reset();
    p.wake_writers();
  }
  p.paths.for_each([&](Path& path) {
    path.detector.on_deadline(now, path.ledger.oldest());
    p.mind_silence(path);
  });
  p.sender.on_deadline(now);
}

}  // namespace footbridge::core
