#include "core/session/session.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/session/session_parts.hpp"

namespace footbridge::core {

Session::Parts::Parts(Role role_, const SessionConfig& config_, Rng& rng_, MemoryBudget& memory, TimePoint now_)
    : role(role_),
      config(config_),
      rng(rng_),
      pool(memory),
      windows(config.limits),
      session_announcement(kWholeSession, config.limits.session_window_bytes),
      control(pool, rng, now_),
      streams(role == Role::Client, pool, windows),
      sender(paths, streams, control.stream(), stats),
      flows(memory, (config.capabilities & wire::kCapUdpFlows) != 0),
      now(now_),
      without_path_since(now_),
      until_grease(rng.between(1, 2 * kGreaseEvery)) {}

Session::Session(Role role, const SessionConfig& config, Rng& rng, MemoryBudget& memory, TimePoint now)
    : parts_(std::make_unique<Parts>(role, config, rng, memory, now)) {
  raise_peer_limits(config.peer_limits);
}

Session::~Session() = default;

void Session::raise_peer_limits(const wire::SessionLimits& limits) {
  auto& peer = parts_->config.peer_limits;
  peer.stream_window_bytes = std::max(peer.stream_window_bytes, limits.stream_window_bytes);
  peer.session_window_bytes = std::max(peer.session_window_bytes, limits.session_window_bytes);
  peer.max_streams = std::max(peer.max_streams, limits.max_streams);
  parts_->streams.set_send_limit(peer.stream_window_bytes);
  parts_->shares.set_peer(peer);
  parts_->streams.for_each([&](Stream& stream) {
    stream.send.raise_limit(peer.stream_window_bytes);
    parts_->note_written(stream);
  });
  parts_->sender.raise_session_limit(parts_->now, peer.session_window_bytes);
  parts_->streams.for_each([&](Stream& stream) { parts_->sender.wake(parts_->now, stream); });
}

std::optional<StreamId> Session::open(TimePoint now, ByteView header) {
  auto& p = *parts_;
  if (p.ended || p.going_away || p.role != Role::Client || !p.streams.numbers_left()) return std::nullopt;
  const auto told = p.config.peer_limits.max_streams;
  const auto most = told == 0 ? kMaxStreams : std::min(told, kMaxStreams);
  if (p.streams.working() >= most || p.streams.size() >= 2 * most) return std::nullopt;
  auto& stream = p.streams.open(now);
  stream.shown = true;
  ++p.stats.streams_opened;
  // A header is smaller than what a stream may always hold; only a lack of memory can cut it, and then nothing was
  // sent.
  FB_ASSERT(header.size() <= kSendAhead);
  if (stream.send.write(header, header.size()) < header.size()) {
    stream.send.reset();
    p.say(&stream, wire::ResetRecord{stream.id, ResetCode::Cancelled, 0});
    p.give_up_reading(now, stream, ResetCode::Cancelled);
    return std::nullopt;
  }
  p.send_buffered += header.size();
  p.note_written(stream);
  p.sender.wake(now, stream);
  return stream.id;
}

std::uint64_t Session::Parts::room_of(const Stream& stream) const {
  const auto left = kSessionWindow > send_buffered ? kSessionWindow - send_buffered : 0;
  const auto stop = shares.stop(stream.share, stream.send.limit(), sender.credit());
  const auto of_share = stop > stream.send.written() ? stop - stream.send.written() : 0;
  return std::min({stream.send.room(kMaxStreamWindow), left, of_share});
}

// What was taken from the user, or the peer's limit, has changed. What is confirmed may still be unread there.
void Session::Parts::note_written(Stream& stream) {
  if (stream.send.state() == SendStream::State::Reset)
    shares.release(stream.share);
  else
    shares.update(stream.share, stream.send.written(), stream.send.limit());
}

std::size_t Session::write(TimePoint now, StreamId id, ByteView bytes) {
  auto& p = *parts_;
  auto* stream = p.streams.find(id);
  if (p.ended || stream == nullptr || !stream->send.open()) return 0;
  const auto room = p.room_of(*stream);
  const auto taken = stream->send.write(bytes, room);
  p.send_buffered += taken;
  p.note_written(*stream);
  if (!bytes.empty()) stream->write_blocked = taken < bytes.size();
  if (taken < std::min<std::uint64_t>(room, bytes.size())) p.retry_writes_at = now + kMemoryRetry;
  if (taken > 0) p.sender.wake(now, *stream);
  return taken;
}

std::size_t Session::room(StreamId id) {
  auto* stream = parts_->streams.find(id);
  if (parts_->ended || stream == nullptr || !stream->send.open()) return 0;
  const auto room = parts_->room_of(*stream);
  if (room == 0) stream->write_blocked = true;
  return static_cast<std::size_t>(room);
}

void Session::finish(TimePoint now, StreamId id) {
  auto* stream = parts_->streams.find(id);
  if (parts_->ended || stream == nullptr) return;
  stream->send.finish();
  parts_->sender.wake(now, *stream);
}

void Session::reset(TimePoint now, StreamId id, ResetCode code) {
  auto* stream = parts_->streams.find(id);
  if (parts_->ended || stream == nullptr) return;
  parts_->give_up_sending(*stream, code);
  parts_->give_up_reading(now, *stream, code);
}

void Session::stop(TimePoint now, StreamId id, ResetCode code) {
  auto* stream = parts_->streams.find(id);
  if (!parts_->ended && stream != nullptr) parts_->give_up_reading(now, *stream, code);
}

void Session::Parts::give_up_sending(Stream& stream, ResetCode code) {
  if (stream.send.over()) return;
  send_buffered -= stream.send.buffered();
  const auto final_size = stream.send.reset();
  stream.write_blocked = false;
  shares.release(stream.share);
  sender.forget(stream);
  say(&stream, wire::ResetRecord{stream.id, code, final_size});
  wake_writers();
}

// Retires the stream if that was the last thing to happen to it: the caller does not use it afterwards.
void Session::Parts::give_up_reading(TimePoint at, Stream& stream, ResetCode code) {
  if (stream.receive.over() || stream.receive.discarding()) return;
  const auto consumed = stream.receive.consumed();
  stream.receive.discard();
  if (!stream.receive.over()) say(nullptr, wire::StopRecord{stream.id, code});
  after_receiving(at, stream, consumed);
}

void Session::Parts::say(Stream* about, const wire::Record& record) {
  const auto end_position = control.say(record);
  // Only a peer that never confirms stream 0 can bring us here, or a server without memory for 4 KiB.
  if (!end_position) return end(EndReason::OutOfMemory);
  if (about != nullptr) about->reset_record_end = *end_position;
}

ByteView Session::peek(StreamId id) const {
  const auto* stream = parts_->streams.find(id);
  return parts_->ended || stream == nullptr ? ByteView{} : stream->receive.peek();
}

std::size_t Session::peek(StreamId id, std::span<ByteView> views) const {
  const auto* stream = parts_->streams.find(id);
  if (parts_->ended || stream == nullptr) return 0;
  std::size_t count = 0;
  for (std::uint64_t skip = 0; count < views.size(); ++count) {
    views[count] = stream->receive.peek(skip);
    if (views[count].empty()) break;
    skip += views[count].size();
  }
  return count;
}

void Session::consume(TimePoint now, StreamId id, std::size_t count) {
  auto* stream = parts_->streams.find(id);
  if (parts_->ended || stream == nullptr || stream->receive.discarding() || stream->receive.over()) return;
  const auto before = stream->receive.consumed();
  stream->receive.consume(count);
  parts_->after_receiving(now, *stream, before);
}

void Session::go_away(TimePoint, Seconds after) {
  if (parts_->ended || parts_->role != Role::Egress) return;
  parts_->say(nullptr, wire::GoAwayRecord{static_cast<std::uint64_t>(std::max<Seconds::rep>(after.count(), 0))});
}

bool Session::carries_flows() const { return parts_->flows.agreed(); }

void Session::send_flow(TimePoint now, FlowId flow, Bytes message) {
  if (!parts_->ended) parts_->flows.send(now, flow, std::move(message));
}

std::optional<FlowArrival> Session::take_flow() { return parts_->flows.take(); }

void Session::Parts::wake_writer(Stream& stream) {
  if (!stream.write_blocked) return;
  const auto room = room_of(stream);
  if (room == 0 || (room < kWritableRoom && stream.send.buffered() > 0)) return;
  stream.write_blocked = false;
  events.push_back(event::Writable{stream.id});
}

void Session::Parts::wake_writers() {
  streams.for_each([this](Stream& stream) { wake_writer(stream); });
}

void Session::end(EndReason reason) { parts_->end(reason); }

bool Session::ended() const { return parts_->ended.has_value(); }

void Session::Parts::end(EndReason reason) {
  if (ended) return;
  ended = reason;
  events.push_back(event::Ended{reason});
}

std::optional<SessionEvent> Session::poll() {
  auto& events = parts_->events;
  if (events.empty()) return std::nullopt;
  auto first = events.front();
  events.pop_front();
  if (const auto* readable = std::get_if<event::Readable>(&first))
    if (auto* stream = parts_->streams.find(readable->stream)) stream->readable_queued = false;
  return first;
}

SessionStats Session::stats() const {
  auto stats = parts_->stats;
  stats.streams_live = parts_->streams.size();
  stats.memory_bytes = parts_->pool.live_bytes() + parts_->flows.memory_bytes();
  stats.flows = parts_->flows.stats();
  return stats;
}

}  // namespace footbridge::core
