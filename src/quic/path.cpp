#include "quic/path.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "quic/stretch.hpp"

namespace footbridge::quic {

Path::Path(const ClientConfig& config, const PathOptions& options, Rng& rng, PathUser& user,
           core::DatagramSource& source)
    : config_(config), options_(options), rng_(rng), user_(user), source_(source) {}

Path::Path(const ServerConfig& config, const PathOptions& options, Rng& rng, PathUser& user,
           core::DatagramSource& source)
    : config_(config), options_(options), rng_(rng), user_(user), source_(source) {}

Path::~Path() = default;

void Path::attach(MessagePipe& pipe) {
  FB_ASSERT(pipe_ == nullptr && state_ == State::Waiting);
  pipe_ = &pipe;
}

std::size_t Path::max_packet_bytes() const {
  FB_ASSERT(pipe_ != nullptr);
  return std::min({options_.max_packet_bytes, pipe_->max_message_bytes(), core::kMaxPacketBytes});
}

void Path::on_open(TimePoint now) {
  FB_ASSERT(pipe_ != nullptr && state_ == State::Waiting);
  if (max_packet_bytes() < core::kFragmentBytes) {
    // Packets would never get through; the handshake's are larger still.
    tell_closed(now, {{CloseBy::Us, CloseKind::Pipe, 0}, PipeEnd::Setup});
    return close_pipe_when_done();
  }
  fillers_.emplace(options_.fillers, pipe_->max_message_bytes());
  give_up_at_ = now + kHandshakeTimeout;
  if (std::holds_alternative<ClientConfig>(config_)) start(now);
  pump(now);
}

void Path::start(TimePoint now) {
  auto config = std::get<ClientConfig>(config_);
  config.connection.max_packet_bytes = max_packet_bytes();
  connection_ = Connection::connect(config, now, rng_, *this, source_);
  if (connection_)
    state_ = State::Handshaking;
  else
    tell_closed(now, {{CloseBy::Us, CloseKind::Internal, 0}, std::nullopt});
}

void Path::accept(TimePoint now, ByteView packet) {
  auto config = std::get<ServerConfig>(config_);
  config.connection.max_packet_bytes = max_packet_bytes();
  auto accepted = Connection::accept(config, now, rng_, packet, *this, source_);
  if (accepted) {
    connection_ = std::move(*accepted);
    state_ = State::Handshaking;
  } else if (accepted.error() == QuicErrc::Internal) {
    tell_closed(now, {{CloseBy::Us, CloseKind::Internal, 0}, std::nullopt});
  }
}

void Path::on_messages(TimePoint now, std::span<const ByteView> batch) {
  FB_ASSERT(!in_call_);
  in_call_ = true;
  for (const auto message : batch) {
    counters_.bytes_in += message.size();
    if (core::is_packet(message))
      on_packet(now, message);
    else
      ++counters_.fillers_in;
  }
  in_call_ = false;
  pump(now);
}

void Path::on_packet(TimePoint now, ByteView packet) {
  ++counters_.packets_in;
  if (state_ == State::Waiting && std::holds_alternative<ServerConfig>(config_)) accept(now, packet);
  if (connection_) connection_->on_packet(now, packet);
}

void Path::on_drained(TimePoint now) { pump(now); }

void Path::on_closed(TimePoint now, PipeEnd end) {
  pipe_ = nullptr;
  tell_closed(now, {{CloseBy::Us, CloseKind::Pipe, 0}, end});
  state_ = State::Over;
}

void Path::on_deadline(TimePoint now) {
  FB_ASSERT(!in_call_);
  if (state_ == State::Over) return;
  in_call_ = true;
  if (connection_)
    connection_->on_deadline(now);
  else if (give_up_at_ && now >= *give_up_at_)
    tell_closed(now, {{CloseBy::Time, CloseKind::HandshakeTimeout, 0}, std::nullopt});
  in_call_ = false;
  pump(now);
}

std::optional<TimePoint> Path::deadline() const {
  if (pipe_ == nullptr) return std::nullopt;
  if (connection_) return connection_->deadline();
  return end_ ? std::nullopt : give_up_at_;
}

void Path::wake(TimePoint now) { pump(now); }

bool Path::send_control(TimePoint now, ByteView bytes) {
  if (!connection_ || !connection_->send_control(bytes)) return false;
  pump(now);
  return true;
}

void Path::close(TimePoint now, std::uint64_t code) {
  if (connection_)
    connection_->close(now, code);
  else
    tell_closed(now, {{CloseBy::Us, CloseKind::Application, code}, std::nullopt});
  pump(now);
}

// Sends what may be sent; the last act of every call from outside, and a no-op inside an event.
void Path::pump(TimePoint now) {
  if (in_call_ || pipe_ == nullptr) return;
  in_call_ = true;
  while (connection_ && pump_batch(now)) {
  }
  if (connection_) connection_->rest();
  in_call_ = false;
  close_pipe_when_done();
}

bool Path::pump_batch(TimePoint now) {
  if (pipe_->backlog_bytes() > 0) return false;
  std::size_t batch_bytes = 0;
  while (batch_bytes < kFlushBytes) {
    choose_packet_bytes();
    const auto packet = connection_->next_packet(now);
    if (!packet) break;
    send_packet(now, *packet);
    batch_bytes += packet->size();
  }
  connection_->end_burst(now);
  if (batch_bytes > 0) pipe_->flush();
  return batch_bytes > 0;
}

void Path::choose_packet_bytes() {
  if (!ladder_) return;
  const auto shaped = fillers_->shaped_packet_bytes(rng_);
  connection_->set_packet_bytes(shaped ? *shaped : ladder_->next_packet_bytes(rng_));
}

// A message that the pipe refuses is lost like any other; QUIC finds out.
void Path::send_packet(TimePoint now, ByteView packet) {
  const auto silence = last_sent_ ? now - *last_sent_ : Duration{};
  last_sent_ = now;
  for (auto left = fillers_->before_packet(silence, rng_); left > 0; --left) {
    const auto filler = fillers_->make(rng_);
    if (!pipe_->send(filler)) continue;
    ++counters_.fillers_out;
    counters_.bytes_out += filler.size();
  }
  auto tail_bytes = may_be_followed(packet) ? fillers_->stretch_bytes(packet.size(), rng_) : 0;
  if (const auto takes = connection_->peer_takes_bytes(); takes && packet.size() + tail_bytes > *takes) tail_bytes = 0;
  Bytes stretched;
  if (tail_bytes >= kMinTailBytes) {
    stretched = to_bytes(packet);
    append(stretched, make_tail(tail_bytes, rng_));
  }
  const auto message = stretched.empty() ? packet : ByteView(stretched);
  if (!pipe_->send(message)) return;
  ++counters_.packets_out;
  counters_.bytes_out += message.size();
}

void Path::close_pipe_when_done() {
  if (!end_ || pipe_ == nullptr || state_ == State::Over) return;
  if (connection_ && !connection_->over()) return;
  state_ = State::Over;
  const auto& why = end_->quic;
  const bool misused = why.by == CloseBy::Us && (why.kind == CloseKind::Transport || why.kind == CloseKind::Profile);
  pipe_->close(misused ? PipeEnd::Misused : why.by == CloseBy::Time ? PipeEnd::Lost : PipeEnd::Local);
}

void Path::tell_closed(TimePoint now, const PathEnd& end) {
  if (end_) return;
  end_ = end;
  if (state_ != State::Over) state_ = State::Closing;
  const bool nested = std::exchange(in_call_, true);
  user_.on_path_closed(now, end);
  in_call_ = nested;
}

bool Path::established() const { return state_ == State::Established; }
bool Path::finished() const { return end_.has_value() && pipe_ == nullptr; }
core::PathStats Path::stats() const { return connection_ ? connection_->stats() : core::PathStats{}; }

void Path::on_established(TimePoint now) {
  state_ = State::Established;
  ladder_.emplace(std::min(max_packet_bytes(), connection_->peer_takes_bytes().value_or(core::kFragmentBytes)));
  user_.on_path_established(now);
}

void Path::on_datagram(TimePoint now, ByteView payload) { user_.on_path_datagram(now, payload); }

void Path::on_datagram_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate, std::size_t packet_bytes) {
  if (ladder_) ladder_->on_fate(packet_bytes, fate);
  user_.on_path_fate(now, id, fate);
}

void Path::on_control(TimePoint now, ByteView bytes, bool fin) { user_.on_path_control(now, bytes, fin); }

void Path::on_closed(TimePoint now, const CloseInfo& info) { tell_closed(now, {info, std::nullopt}); }

}  // namespace footbridge::quic
