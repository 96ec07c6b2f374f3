#include "wire/websocket_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "wire/utf8.hpp"

namespace footbridge::wire {

ByteSpan WebSocketReader::prepare() {
  finished_.clear();
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto missing = wanted_ > end_ ? wanted_ - end_ : 0;
  const auto room = std::max(missing, kWsReadBytes);
  if (buffer_.size() < end_ + room) buffer_.resize(end_ + room);
  return ByteSpan(buffer_).subspan(end_, room);
}

void WebSocketReader::commit(std::size_t bytes) {
  FB_ASSERT(bytes <= buffer_.size() - end_);
  end_ += bytes;
}

void WebSocketReader::lend(Bytes buffer) {
  const auto pending = ByteView(buffer_).subspan(begin_, end_ - begin_);
  if (buffer.size() < pending.size()) buffer.resize(pending.size());
  std::copy(pending.begin(), pending.end(), buffer.begin());
  begin_ = 0;
  end_ = pending.size();
  buffer_ = std::move(buffer);
}

Bytes WebSocketReader::take_back() {
  Bytes rest(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
             buffer_.begin() + static_cast<std::ptrdiff_t>(end_));
  begin_ = 0;
  end_ = rest.size();
  return std::exchange(buffer_, std::move(rest));
}

std::optional<WsEvent> WebSocketReader::next() {
  while (!ended_) {
    wanted_ = 0;
    const auto unread = ByteSpan(buffer_).subspan(begin_, end_ - begin_);
    const auto header = parse_ws_header(unread);
    if (!header) {
      if (header.error() == WsErrc::Truncated) return std::nullopt;
      return violation(WsCloseCode::ProtocolError);
    }
    if (const auto broken = judge(*header)) return violation(*broken);
    const auto payload_bytes = static_cast<std::size_t>(header->payload_bytes);  // ≤ 64 KiB: judge() compared
    const auto frame_bytes = header->header_bytes + payload_bytes;
    if (unread.size() < frame_bytes) {
      wanted_ = frame_bytes;
      return std::nullopt;
    }
    const auto payload = unread.subspan(header->header_bytes, payload_bytes);
    if (header->mask) apply_ws_mask(payload, *header->mask);
    begin_ += frame_bytes;
    if (auto event = on_frame(*header, payload)) return event;
  }
  return std::nullopt;
}

// Everything that can be told from the header alone, so that nothing is kept for a frame that will be refused.
std::optional<WsCloseCode> WebSocketReader::judge(const WsHeader& header) const {
  if (header.mask.has_value() != (peer_ == Peer::Client)) return WsCloseCode::ProtocolError;
  switch (header.opcode) {
    case WsOpcode::Close:
    case WsOpcode::Ping:
    case WsOpcode::Pong: return std::nullopt;
    case WsOpcode::Text: return WsCloseCode::Unsupported;
    case WsOpcode::Binary:
      if (assembling_) return WsCloseCode::ProtocolError;
      break;
    case WsOpcode::Continuation:
      if (!assembling_) return WsCloseCode::ProtocolError;
      if (fragments_ >= kMaxWsFragments) return WsCloseCode::PolicyViolation;
      break;
  }
  if (header.payload_bytes > kMaxWsMessageBytes - assembly_.size()) return WsCloseCode::TooBig;
  return std::nullopt;
}

std::optional<WsEvent> WebSocketReader::on_frame(const WsHeader& header, ByteSpan payload) {
  switch (header.opcode) {
    case WsOpcode::Ping: return WsEvent{.kind = WsEvent::Kind::Ping, .payload = payload};
    case WsOpcode::Pong: return WsEvent{.kind = WsEvent::Kind::Pong, .payload = payload};
    case WsOpcode::Close: return on_close(payload);
    case WsOpcode::Binary:
    case WsOpcode::Continuation: return on_data(header, payload);
    case WsOpcode::Text: break;  // judge() refused it
  }
  FB_ASSERT(false);
}

std::optional<WsEvent> WebSocketReader::on_close(ByteView payload) {
  if (payload.size() == 1) return violation(WsCloseCode::ProtocolError);
  std::uint16_t code = static_cast<std::uint16_t>(WsCloseCode::NoStatus);
  if (payload.size() >= 2) {
    code =
        static_cast<std::uint16_t>(std::to_integer<unsigned>(payload[0]) << 8 | std::to_integer<unsigned>(payload[1]));
    if (!is_sendable_ws_close_code(code)) return violation(WsCloseCode::ProtocolError);
    if (!is_utf8(payload.subspan(2))) return violation(WsCloseCode::BadData);
  }
  ended_ = true;
  return WsEvent{.kind = WsEvent::Kind::Closed, .payload = payload, .code = WsCloseCode{code}};
}

std::optional<WsEvent> WebSocketReader::on_data(const WsHeader& header, ByteSpan payload) {
  if (header.final && !assembling_) return WsEvent{.kind = WsEvent::Kind::Message, .payload = payload};
  assembling_ = true;
  ++fragments_;
  append(assembly_, payload);
  if (!header.final) return std::nullopt;
  assembling_ = false;
  fragments_ = 0;
  finished_.push_back(std::exchange(assembly_, Bytes()));
  return WsEvent{.kind = WsEvent::Kind::Message, .payload = finished_.back()};
}

WsEvent WebSocketReader::violation(WsCloseCode code) {
  ended_ = true;
  return WsEvent{.kind = WsEvent::Kind::Violation, .code = code};
}

}  // namespace footbridge::wire
