// What a PlainConnection sends, and when it may.
#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "sim/model/plain_connection.hpp"
#include "sim/model/plain_packet.hpp"

namespace footbridge::sim::model {
namespace {

// One system call's worth: what is pulled at once while the pipe has no backlog.
constexpr int kBatchPackets = 4;
constexpr std::size_t kMostControlPerPacket = 1'000;
constexpr std::size_t kLongestHeader = 1 + 4 + 12 + 4;

void put(std::byte*& at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) *at++ = static_cast<std::byte>(value >> (8 * i));
}

}  // namespace

std::optional<PlainPacket> read_plain_packet(ByteView message) {
  ByteReader in(message);
  PlainPacket packet;
  const auto type = static_cast<std::byte>(in.u8().value_or(0));
  const auto number = in.u32();
  if (!number) return std::nullopt;
  packet.number = *number;
  packet.acknowledges = (type & kAckType) != std::byte{0};
  if (packet.acknowledges) {
    const auto largest = in.u32();
    const auto before = in.u64();
    if (!before) return std::nullopt;
    packet.largest = *largest;
    packet.before = *before;
  }
  if ((type & kControlType) != std::byte{0}) {
    const auto offset = in.u32();
    if (!offset) return std::nullopt;
    packet.control_offset = *offset;
  }
  packet.payload = in.rest();
  return packet;
}

// A packet in the making: the header is written, the payload follows at `at`.
struct PlainConnection::Building {
  std::array<std::byte, core::kMaxPacketBytes> bytes;
  std::byte* at = bytes.data();
  std::size_t size() const { return static_cast<std::size_t>(at - bytes.data()); }
};

PlainConnection::Building PlainConnection::begin(std::uint8_t type) {
  Building packet;
  const auto acks = largest_in_.has_value() && unacknowledged_ > 0;
  put(packet.at, std::to_integer<std::uint8_t>(kPacketMark) | type | (acks ? 1U : 0U), 1);
  put(packet.at, next_number_, 4);
  if (!acks) return packet;
  put(packet.at, *largest_in_, 4);
  put(packet.at, before_largest_, 8);
  unacknowledged_ = 0;
  ack_at_.reset();
  return packet;
}

void PlainConnection::finish(Building& packet, Sent sent) {
  sent.at = now();
  sent.bytes = static_cast<std::uint16_t>(packet.size());
  if (sent.eliciting) {
    ++in_flight_;
    in_flight_bytes_ += sent.bytes;
    last_eliciting_ = now();
  }
  ++next_number_;
  sent_.push_back(sent);
  keep_alive_at_ = now() + dice_.duration(kKeepAliveMin, kKeepAliveMax);
  static_cast<void>(pipe_.send(ByteView(packet.bytes).first(packet.size())));
}

void PlainConnection::send_control(ByteView bytes) {
  const auto begin = static_cast<std::uint32_t>(control_out_.size());
  append(control_out_, bytes);
  control_to_send_[begin] = static_cast<std::uint32_t>(control_out_.size());
}

void PlainConnection::send_pending_control() {
  while (!control_to_send_.empty()) {
    const auto [begin, end] = *control_to_send_.begin();
    control_to_send_.erase(control_to_send_.begin());
    const auto stop = std::min<std::uint32_t>(end, begin + kMostControlPerPacket);
    if (stop < end) control_to_send_[stop] = end;
    auto packet = this->begin(std::to_integer<std::uint8_t>(kControlType));
    put(packet.at, begin, 4);
    std::memcpy(packet.at, control_out_.data() + begin, stop - begin);
    packet.at += stop - begin;
    finish(packet, {.control_begin = begin, .control_end = stop, .eliciting = true});
  }
}

void PlainConnection::send_datagrams() {
  if (pipe_.backlog_bytes() > 0) return;  // on_drained() comes back
  for (int i = 0; i < kBatchPackets && in_flight_ < window() && user_.has_datagrams(); ++i) {
    // The acknowledgement is not spent on a packet that does not go out after all.
    std::array<std::byte, core::kMaxPacketBytes> payload;
    const auto pulled = user_.pull(now(), ByteSpan(payload).first(terms_.packet_bytes - kLongestHeader));
    if (!pulled) return;
    auto packet = begin(std::to_integer<std::uint8_t>(kDatagramType));
    std::memcpy(packet.at, payload.data(), pulled->bytes);
    packet.at += pulled->bytes;
    finish(packet, {.datagram = pulled->id, .eliciting = true});
  }
}

void PlainConnection::send_ack() {
  if (!ack_at_ || *ack_at_ > now()) return;
  auto packet = begin(0);
  finish(packet, {});
}

void PlainConnection::send_probe() {
  for (auto& packet : sent_)
    if (!packet.acked && packet.control_end > packet.control_begin)
      control_to_send_[packet.control_begin] = packet.control_end;
  if (!control_to_send_.empty()) return send_pending_control();
  auto packet = begin(std::to_integer<std::uint8_t>(kPingType));
  finish(packet, {.eliciting = true});
}

void PlainConnection::pump() {
  if (over_) return;
  send_pending_control();
  send_datagrams();
  send_ack();
  forget_settled();
  pipe_.flush();
  rearm();
}

}  // namespace footbridge::sim::model
