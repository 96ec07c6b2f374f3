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

}  // namespace

void Sender::wake(Stream& stream) {
  if (stream.id != 0) scheduler_.update(stream, credit());
}

void Sender::raise_session_limit(std::uint64_t limit) {
  if (limit <= session_limit_) return;
  session_limit_ = limit;
  streams_.for_each([&](Stream& stream) { wake(stream); });
}

bool Sender::has_work(TimePoint now, const Path& path) const {
  return !path.ledger.full() && (control_ready() || scheduler_.has_work(now, path, credit()));
}

void Sender::fill(TimePoint now, Path& path, wire::FrameWriter& out) {
  while (out.room() >= kLeastPieceRoom && !path.ledger.full()) {
    auto* stream = control_ready() ? &control_ : scheduler_.next(now, path, credit());
    if (stream == nullptr || !send_piece(now, *stream, path, out)) return;
  }
}

bool Sender::send_piece(TimePoint now, Stream& stream, Path& path, wire::FrameWriter& out) {
  const bool control = stream.id == 0;
  auto piece = stream.send.again();
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
  if (!control) scheduler_.served(stream, piece->again, credit());
  return true;
}

void Sender::on_acked(std::span<const Sent> pieces) {
  for (const auto& piece : pieces)
    if (auto* stream = find(piece.stream)) stream->send.on_acked(piece.positions);
}

void Sender::on_lost(std::span<const Sent> pieces) {
  for (const auto& piece : pieces) {
    auto* stream = piece.positions.empty() ? nullptr : find(piece.stream);
    if (stream == nullptr) continue;
    stream->send.requeue(piece.positions, paths_.cover_of(piece.stream));
    wake(*stream);
  }
}

void Sender::reinject(const Path& path) {
  for (const auto& [id, positions] : under_way_on(path)) {
    auto* stream = find(id);
    if (stream == nullptr) continue;
    const auto cover = paths_.cover_of(id);
    for (const auto& range : positions.ranges()) stream->send.requeue(range, cover);
    wake(*stream);
  }
}

void Sender::trust(const Path& path) {
  for (const auto& [id, positions] : under_way_on(path))
    if (auto* stream = find(id))
      for (const auto& range : positions.ranges()) stream->send.on_covered(range);
}

}  // namespace footbridge::core
