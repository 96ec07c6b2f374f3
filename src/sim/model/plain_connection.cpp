#include "sim/model/plain_connection.hpp"

#include <algorithm>
#include <utility>

#include "base/byte_reader.hpp"
#include "sim/model/plain_packet.hpp"

namespace footbridge::sim::model {

PlainConnection::PlainConnection(Ground& ground, const Terms& terms, Seed seed, MessagePipe& pipe,
                                 PlainConnectionUser& user)
    : Timed(ground), pipe_(pipe), user_(user), terms_(terms), dice_(seed), last_heard_(now()), idle_from_(now()) {
  keep_alive_at_ = now() + dice_.duration(kKeepAliveMin, kKeepAliveMax);
  rearm();
}

void PlainConnection::close() {
  if (over_) return;
  const std::array<std::byte, 1> goodbye{kPacketMark | kCloseType};
  static_cast<void>(pipe_.send(goodbye));
  pipe_.flush();
  end(ConnectionEnd::Closed);
}

void PlainConnection::end(ConnectionEnd how) {
  if (std::exchange(over_, true)) return;
  user_.on_connection_over(how);
}

core::PathStats PlainConnection::stats() const {
  return {smoothed_rtt_, rtt_variance_, window() * terms_.packet_bytes, in_flight_bytes_, last_heard_};
}

void PlainConnection::on_message(ByteView message) {
  if (over_ || message.empty() || (message[0] & kPacketMark) == std::byte{0}) return;
  const auto type = message[0];
  last_heard_ = idle_from_ = now();
  probes_ = 0;
  if ((type & kCloseType) != std::byte{0}) return end(ConnectionEnd::ByPeer);
  const auto packet = read_plain_packet(message);
  if (!packet) return;
  const bool is_new = note_number(packet->number, (type & (kControlType | kDatagramType | kPingType)) != std::byte{0});
  if (packet->acknowledges) on_ack(packet->largest, packet->before);
  if (is_new && (type & kControlType) != std::byte{0}) take_control(packet->control_offset, packet->payload);
  if (is_new && !over_ && (type & kDatagramType) != std::byte{0}) user_.on_datagram(packet->payload);
}

// False: a duplicate, or too old to tell.
bool PlainConnection::note_number(std::uint32_t number, bool eliciting) {
  bool in_order = true;
  if (!largest_in_ || number > *largest_in_) {
    const auto step = largest_in_ ? number - *largest_in_ : 65;
    in_order = !largest_in_ || step == 1;
    before_largest_ = step > 64 ? 0 : (step == 64 ? 0 : before_largest_ << step) | std::uint64_t{1} << (step - 1);
    largest_in_ = number;
  } else {
    const auto back = *largest_in_ - number;
    if (back == 0 || back > 64 || (before_largest_ >> (back - 1) & 1) != 0) return false;
    before_largest_ |= std::uint64_t{1} << (back - 1);
    in_order = false;
  }
  if (!eliciting) return true;
  ++unacknowledged_;
  const auto at = unacknowledged_ >= 2 || !in_order ? now() : now() + kAckDelay;
  ack_at_ = ack_at_ ? std::min(*ack_at_, at) : at;
  return true;
}

void PlainConnection::take_control(std::uint32_t offset, ByteView bytes) {
  if (offset + bytes.size() <= control_read_) return;
  control_in_[offset] = to_bytes(bytes);
  while (!over_ && !control_in_.empty() && control_in_.begin()->first <= control_read_) {
    auto [at, piece] = *control_in_.begin();
    control_in_.erase(control_in_.begin());
    if (at + piece.size() <= control_read_) continue;
    const auto fresh = ByteView(piece).subspan(control_read_ - at);
    control_read_ += static_cast<std::uint32_t>(fresh.size());
    user_.on_control(fresh);
  }
}

PlainConnection::Sent* PlainConnection::sent(std::uint32_t number) {
  if (number < first_number_ || number - first_number_ >= sent_.size()) return nullptr;
  return &sent_[number - first_number_];
}

void PlainConnection::on_ack(std::uint32_t largest, std::uint64_t before) {
  if (auto* newest = sent(largest); newest != nullptr && !newest->acked) measure(now() - newest->at);
  settle_acked(largest);
  for (std::uint32_t i = 0; i < 64 && i < largest && !over_; ++i)
    if ((before >> i & 1) != 0) settle_acked(largest - 1 - i);
  if (!over_) find_lost(largest);
  forget_settled();
}

void PlainConnection::settle_acked(std::uint32_t number) {
  auto* packet = sent(number);
  if (packet == nullptr || std::exchange(packet->acked, true) || !packet->eliciting) return;
  if (!packet->lost) {
    --in_flight_;
    in_flight_bytes_ -= packet->bytes;
    window_ = std::min<double>(kMaxWindowPackets, window_ + (window_ < slow_start_until_ ? 1 : 1 / window_));
  }
  if (packet->control_end > packet->control_begin) {
    control_acked_[packet->control_begin] = packet->control_end;
    while (!control_acked_.empty() && control_acked_.begin()->first <= control_acked_to_) {
      control_acked_to_ = std::max<std::size_t>(control_acked_to_, control_acked_.begin()->second);
      control_acked_.erase(control_acked_.begin());
    }
  }
  if (packet->datagram != 0) user_.on_fate(packet->datagram, core::DatagramFate::Acked);
}

// By packets, and by time, as RFC 9002 §6.1.
void PlainConnection::find_lost(std::uint32_t largest) {
  const auto late = now() - smoothed_rtt_ * 9 / 8;
  bool any = false;
  for (auto number = first_number_; number < largest && !over_; ++number) {
    auto* packet = sent(number);
    if (packet == nullptr) break;
    if (packet->acked || packet->lost || !packet->eliciting) continue;
    if (number + kLossThreshold > largest && packet->at > late) continue;
    packet->lost = true;
    any = any || packet->at > recovers_until_;
    --in_flight_;
    in_flight_bytes_ -= packet->bytes;
    if (packet->control_end > packet->control_begin)
      control_to_send_[packet->control_begin] = std::max(control_to_send_[packet->control_begin], packet->control_end);
    if (packet->datagram != 0) user_.on_fate(packet->datagram, core::DatagramFate::Lost);
  }
  if (!any) return;
  recovers_until_ = now();
  window_ = std::max(4.0, window_ * 0.7);
  slow_start_until_ = window_;
}

void PlainConnection::forget_settled() {
  while (!sent_.empty()) {
    const auto& front = sent_.front();
    const bool settled = front.acked || !front.eliciting || (front.lost && front.at + kLateAck < now());
    if (!settled) return;
    sent_.pop_front();
    ++first_number_;
  }
}

void PlainConnection::measure(Duration round_trip) {
  if (!std::exchange(measured_, true)) {
    smoothed_rtt_ = round_trip;
    rtt_variance_ = round_trip / 2;
    return;
  }
  const auto off = smoothed_rtt_ > round_trip ? smoothed_rtt_ - round_trip : round_trip - smoothed_rtt_;
  rtt_variance_ = (3 * rtt_variance_ + off) / 4;
  smoothed_rtt_ = (7 * smoothed_rtt_ + round_trip) / 8;
}

TimePoint PlainConnection::probe_at() const {
  return last_eliciting_ +
         (smoothed_rtt_ + 4 * rtt_variance_ + kAckDelay) * (1 << std::min(probes_, kMostProbeDoublings));
}

void PlainConnection::rearm() {
  if (over_) return;
  std::optional<TimePoint> next = idle_from_ + kIdleTimeout;
  if (ack_at_) next = earlier(next, ack_at_);
  if (in_flight_ > 0) next = earlier(next, probe_at());
  if (terms_.keeps_alive) next = earlier(next, keep_alive_at_);
  set_alarm(next);
}

void PlainConnection::on_alarm() {
  if (over_) return;
  if (now() >= idle_from_ + kIdleTimeout) return end(ConnectionEnd::Idle);
  if (in_flight_ > 0 && now() >= probe_at()) {
    ++probes_;
    send_probe();
  } else if (terms_.keeps_alive && now() >= keep_alive_at_) {
    send_probe();
  }
  pump();
  user_.on_timer();
}

}  // namespace footbridge::sim::model
