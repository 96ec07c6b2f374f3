// Peer: what passes through it, datagrams below and messages above.
#include <utility>

#include "io/clock.hpp"
#include "transport/webrtc/peer.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::size_t kMaxEarlyBytes = 2048;  // no handshake datagram is longer
constexpr std::uint8_t kFirstDtlsByte = 20;   // RFC 7983: what else may share the port is not for us
constexpr std::uint8_t kLastDtlsByte = 63;

bool looks_like_dtls(ByteView datagram) {
  if (datagram.empty()) return false;
  const auto first = std::to_integer<std::uint8_t>(datagram[0]);
  return first >= kFirstDtlsByte && first <= kLastDtlsByte;
}

}  // namespace

void Peer::on_ice_datagram(ByteView datagram) {
  if (end_ || !looks_like_dtls(datagram)) return;
  if (dtls_ == nullptr) {
    // Checks may succeed for the other side first; without this its first flight costs a retransmission timeout.
    if (datagram.size() <= kMaxEarlyBytes && !early_.push(to_bytes(datagram))) return;
    return;
  }
  dtls_->on_datagram(datagram);
  mark_dirty();
  if (++received_since_flush_ >= kReceiveBatchDatagrams) flush_network();
}

void Peer::on_dtls_datagram(ByteView datagram) {
  batch_.append(datagram);
  if (batch_.full()) batch_.flush(*ice_);
  mark_dirty();
}

void Peer::on_dtls_record(ByteView record) {
  if (end_) return;
  if (agreement_) {
    if (agreement_->on_record(record)) return mark_dirty();
    if (state_ == State::Agreeing) carry_agreement(io::now());  // it has decided
  }
  if (sctp_ != nullptr) return sctp_->on_packet(record);
  if (is_native()) receive(agreement_->message_of(record));
}

// Nobody below us keeps anything back: what the I/O thread does not take in time is lost, as the network loses.
void Peer::receive(ByteView message) {
  if (message.empty()) return;
  if (message.size() > kMaxNativeMessageBytes) return fail(PipeEnd::Misused);
  if (unread_bytes_ + out_.messages.byte_count() + message.size() > kMaxUnreadBytes) {
    ++info_.unread_dropped;
    return;
  }
  out_.messages.append(message);
  mark_dirty();
}

void Peer::on_sctp_packet(ByteView packet) {
  if (dtls_ != nullptr) dtls_->send(packet);
  mark_dirty();
}

bool Peer::on_sctp_message(StreamId stream, PayloadProtocol protocol, ByteView message) {
  if (end_) return true;
  ByteView view;
  const auto input = channel_->on_message(*sctp_, stream, protocol, message, view);
  if (input == DataChannel::Input::Misused) return fail(PipeEnd::Misused), true;
  if (state_ == State::Opening && channel_->is_open()) {
    enter(State::Open, std::nullopt);
    out_.opened = true;
  }
  if (input != DataChannel::Input::Message) return true;
  out_.messages.append(view);
  mark_dirty();
  reading_stopped_ = paused_by_user_ || unread_bytes_ + out_.messages.byte_count() >= kMaxUnreadBytes;
  return !reading_stopped_;
}

void Peer::pump() {
  bool blocked = false;
  if (channel_) {
    taken_bytes_ += channel_->pump(*sctp_);
    blocked = channel_->blocked();
  }
  for (; !native_queue_.empty(); native_queue_.pop()) {
    const auto message = native_queue_.front();
    if (!message.empty()) {
      const auto padded = agreement_->padded(message);
      dtls_->send(padded ? ByteView(*padded) : message);
    }
    taken_bytes_ += message.size();
  }
  mailbox_->taken_bytes.store(taken_bytes_);
  mailbox_->blocked.store(blocked);
  if (!blocked && mailbox_->drain_wanted.exchange(false)) out_.drained = true;
}

void Peer::flush_network() {
  received_since_flush_ = 0;
  if (end_ || state_ == State::Closed) return;
  if (state_ == State::Open) pump();
  if (sctp_ != nullptr) sctp_->flush();
  batch_.flush(*ice_);
}

// What happens in here makes nothing dirty: dirty_ stays set until everything is flushed.
void Peer::settle() {
  dirty_ = true;
  if (state_ != State::Closed && !end_) {
    resume_reading();
    if (agreement_) carry_agreement(io::now());
    if (sctp_ != nullptr && !end_) sctp_->read();
    flush_network();
    if (state_ == State::Open)
      if (const auto now = io::now(); now >= info_due_) update_info(now);
  }
  if (end_ && state_ != State::Closed) {
    take_down();
    out_.closed = *end_;
  }
  hand_over();
  dirty_ = false;
  if (may_resume()) mark_dirty();  // more may be waiting than one box holds
}

bool Peer::may_resume() const {
  return sctp_ != nullptr && !end_ && reading_stopped_ && !paused_by_user_ && unread_bytes_ < kMaxUnreadBytes;
}

void Peer::resume_reading() {
  if (!may_resume()) return;
  reading_stopped_ = false;
  sctp_->resume();
}

void Peer::hand_over() {
  if (out_.empty()) return;
  const std::lock_guard lock(mailbox_->mutex);
  auto& box = mailbox_->to_link;
  if (mailbox_->link_gone) return;
  if (out_.local_description) box.local_description = std::move(out_.local_description);
  if (out_.info) box.info = out_.info;
  box.opened = box.opened || out_.opened;
  box.messages.take(out_.messages);
  box.drained = box.drained || out_.drained;
  if (out_.closed) box.closed = out_.closed;
  unread_bytes_ = box.messages.byte_count();
  mailbox_->peer_waits_for_room = unread_bytes_ >= kMaxUnreadBytes;
  if (!std::exchange(mailbox_->to_link_announced, true)) mailbox_->announce_to_link();
  out_.local_description.reset();
  out_.info.reset();
  out_.opened = out_.drained = false;
  out_.closed.reset();
}

}  // namespace footbridge::webrtc
