#include "core/session/sender.hpp"

#include <algorithm>
#include <map>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

std::map<StreamId, RangeSet> under_way_on(const Path& path) {
  std::map<StreamId, RangeSet> out;
  path.ledger.for_each([&](const Sent& sent) { out[sent.stream].add(sent.positions); });
  return out;
}

Duration overdue_after(const PathStats& stats) { return stats.smoothed_rtt + 2 * stats.rtt_variance + kOverdueMargin; }

}  // namespace

void Sender::wake(TimePoint now, Stream& stream) {
  if (stream.id != 0) scheduler_.update(now, stream, credit());
}

void Sender::raise_session_limit(TimePoint now, std::uint64_t limit) {
  if (limit <= session_limit_) return;
  session_limit_ = limit;
  streams_.for_each([&](Stream& stream) { wake(now, stream); });
}

bool Sender::has_work(TimePoint now, const Path& path) {
  return !path.ledger.full() && (control_ready(path.id) || scheduler_.next(now, path, credit()) != nullptr);
}

void Sender::fill(TimePoint now, Path& path, wire::FrameWriter& out) {
  while (out.room() >= kLeastPieceRoom && !path.ledger.full()) {
    auto* stream = control_ready(path.id) ? &control_ : scheduler_.next(now, path, credit());
    if (stream == nullptr || !send_piece(now, *stream, path, out)) return;
  }
}

bool Sender::send_piece(TimePoint now, Stream& stream, Path& path, wire::FrameWriter& out) {
  const bool control = stream.id == 0;
  auto piece = stream.send.again(path.id);
  if (!piece) piece = stream.send.fresh(control ? wire::kMaxOffset : credit());
  FB_ASSERT(piece);
  const auto slot = out.data(stream.id, piece->offset, piece->bytes, piece->end);
  if (!slot) return false;
  stream.send.copy(piece->offset, slot->payload);
  const Range sent{piece->offset, piece->offset + slot->payload.size() + (slot->fin ? 1 : 0)};
  stream.send.on_sent(*piece, sent);
  path.ledger.record(now, stream.id, sent);
  if (!piece->again && !control) charged_ += slot->payload.size();
  (piece->again ? stats_.bytes_reinjected : stats_.bytes_sent) += slot->payload.size();
  if (!control) scheduler_.served(now, stream, piece->again, credit());
  return true;
}

void Sender::on_acked(std::span<const Sent> pieces) {
  for (const auto& piece : pieces)
    if (auto* stream = find(piece.stream)) stream->send.on_acked(piece.positions);
}

void Sender::on_lost(TimePoint now, std::span<const Sent> pieces) {
  for (const auto& piece : pieces) {
    auto* stream = piece.positions.empty() ? nullptr : find(piece.stream);
    if (stream == nullptr) continue;
    RangeSet lost;
    lost.add(piece.positions);
    stream->send.requeue(piece.positions, paths_.cover_of(piece.stream, lost));
    wake(now, *stream);
  }
}

void Sender::reinject(TimePoint now, const Path& path) {
  for (const auto& [id, positions] : under_way_on(path)) {
    auto* stream = find(id);
    if (stream == nullptr) continue;
    const auto cover = paths_.cover_of(id, positions);
    for (const auto& range : positions.ranges()) stream->send.requeue(range, cover);
    wake(now, *stream);
  }
}

void Sender::trust(const Path& path) {
  for (const auto& [id, positions] : under_way_on(path))
    if (auto* stream = find(id))
      for (const auto& range : positions.ranges()) stream->send.on_covered(range);
}

std::optional<TimePoint> Sender::deadline(TimePoint now) {
  auto first = scheduler_.deadline(now, credit());
  if (paths_.live() < 2) return first;
  paths_.for_each([&](const Path& path) {
    if (const auto* sent = holding_up(path)) first = earlier(first, sent->at + overdue_after(path.stats));
  });
  return first;
}

void Sender::on_deadline(TimePoint now) {
  if (paths_.live() < 2) return;
  paths_.for_each([&](const Path& path) {
    const auto* const sent = holding_up(path);
    if (sent == nullptr || now < sent->at + overdue_after(path.stats)) return;
    auto& stream = *find(sent->stream);
    const auto hole = *stream.send.hole();
    stream.send.send_besides({hole.begin, std::min(hole.end, sent->positions.end)}, path.id);
    wake(now, stream);
  });
}

const Sent* Sender::holding_up(const Path& path) {
  if (path.suspect()) return nullptr;
  const auto* const sent = path.ledger.oldest([this](const Sent& piece) {
    const auto* const stream = piece.positions.empty() ? nullptr : find(piece.stream);
    return stream != nullptr && !stream->send.over() && !stream->send.done(piece.positions);
  });
  if (sent == nullptr) return nullptr;
  const auto hole = find(sent->stream)->send.hole();
  return hole && sent->positions.begin <= hole->begin && hole->begin < sent->positions.end ? sent : nullptr;
}

}  // namespace footbridge::core
