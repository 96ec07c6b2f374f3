// Connection, the sending half: which packet comes next, how large it may be, and when pacing allows it.
#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "core/path/filler.hpp"
#include "quic/connection.hpp"
#include "quic/library_time.hpp"
#include "quic/ngtcp2_glue.hpp"
#include "quic/tls_session.hpp"

namespace footbridge::quic {

namespace {

// Leaves room for the acknowledgement, which restarts the silence one round trip later: intervals stay below
// kKeepAliveMax on every path that is of use.
constexpr Duration kKeepAliveSlack = kMaxInitialRtt;
constexpr std::uint64_t kQuantaUnderWay = 3;    // BBRQuantizationBudget of draft-cardwell-iccrg-bbr-congestion-control
constexpr std::uint64_t kQueueBegins = 4;       // a queue: the round trip is longer than the shortest by a quarter
constexpr std::size_t kMaxControlVectors = 16;  // per packet; more pieces wait for the next one

}  // namespace

// The length of the buffer given to the library is the size of the packet. Until both ends know that the handshake is
// done, the library pads to 1200 bytes and must be able to.
std::size_t Connection::room_bytes() const {
  if (!confirmed_) return kHandshakePacketBytes;
  return held_ ? held_->packet_bytes : std::min(core::kFragmentBytes, packet_bytes_);
}

bool Connection::may_pull() const {
  if (state_ != State::Established || now_ < paced_until_) return false;
  ngtcp2_conn_info info{};
  ngtcp2_conn_get_conn_info(conn_.get(), &info);
  return info.bytes_in_flight < info.cwnd - queue_surplus_bytes(info.cwnd, info.smoothed_rtt, info.min_rtt);
}

// BBR lets kQuantaUnderWay send quanta stand in the queue beside what the path itself holds, and a quantum is at least
// two packets of the largest size there may be. On a path of 10 Mbit/s that is 40 ms of queue before every small
// answer, for packets that most of its traffic need not even have. Once there is a queue, we leave out what two packets
// of the smallest size would not have added. While there is none, nothing is held back: the start of a path depends on
// it.
std::uint64_t Connection::queue_surplus_bytes(std::uint64_t window_bytes, std::uint64_t rtt,
                                              std::uint64_t min_rtt) const {
  if (rtt <= min_rtt + min_rtt / kQueueBegins) return 0;
  const auto large = 2 * std::max(config_.max_packet_bytes, kHandshakePacketBytes);
  const auto quantum = ngtcp2_conn_get_send_quantum(conn_.get());
  if (quantum > large) return 0;  // the path is so fast that a millisecond of it is more
  const auto surplus = kQuantaUnderWay * (quantum - std::min(quantum, 2 * kHandshakePacketBytes));
  return std::min<std::uint64_t>(surplus, window_bytes / 2);
}

bool Connection::hold_datagram() {
  const auto wanted = confirmed_ ? packet_bytes_ : std::min(core::kFragmentBytes, packet_bytes_);
  const auto packet_bytes = std::min(wanted, peer_packet_bytes_);
  datagram_.resize(datagram_bytes(packet_bytes));
  const auto pulled = source_.pull(now_, datagram_);
  if (!pulled) return false;
  FB_ASSERT(pulled->bytes <= datagram_.size());
  datagram_.resize(pulled->bytes);
  // A packet counts for the ladder when it needs as many fragments as its rung has.
  const bool full = pulled->bytes + kPacketOverheadBytes + core::kFragmentBytes > packet_bytes;
  held_ = Held{Ngtcp2Glue::library_id(pulled->id, full ? packet_bytes : 0), packet_bytes};
  return true;
}

std::ptrdiff_t Connection::write_control() {
  std::array<ngtcp2_vec, kMaxControlVectors> vectors{};
  std::size_t count = 0;
  for (const auto piece : control_.unsent()) {
    if (count == vectors.size()) break;
    vectors[count++] = {const_cast<std::uint8_t*>(as_u8(piece)), piece.size()};
  }
  constexpr std::int64_t kControlStream = 0;
  ngtcp2_ssize taken = -1;
  const auto written =
      ngtcp2_conn_writev_stream(conn_.get(), nullptr, nullptr, as_u8(ByteSpan(packet_)), room_bytes(), &taken,
                                NGTCP2_WRITE_STREAM_FLAG_NONE, kControlStream, vectors.data(), count, to_library(now_));
  if (taken > 0) control_.mark_sent(static_cast<std::size_t>(taken));
  if (written == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
    control_blocked_ = true;
    return write_rest();
  }
  return written;
}

// Without the MORE flag there is one datagram in a packet, and no half-written packet between two calls. When an ACK
// takes the datagram's room, the packet is the ACK alone and the datagram stays held for the next.
std::ptrdiff_t Connection::write_datagram() {
  FB_ASSERT(held_.has_value());
  const ngtcp2_vec vector{as_u8(ByteSpan(datagram_)), datagram_.size()};
  int accepted = 0;
  const auto written =
      ngtcp2_conn_writev_datagram(conn_.get(), nullptr, nullptr, as_u8(ByteSpan(packet_)), room_bytes(), &accepted,
                                  NGTCP2_WRITE_DATAGRAM_FLAG_NONE, held_->library_id, &vector, 1, to_library(now_));
  if (accepted != 0) held_.reset();
  return written;
}

// Handshake, acknowledgements, retransmissions, probes, keep-alives: whatever the library has.
std::ptrdiff_t Connection::write_rest() {
  return ngtcp2_conn_writev_stream(conn_.get(), nullptr, nullptr, as_u8(ByteSpan(packet_)), room_bytes(), nullptr,
                                   NGTCP2_WRITE_STREAM_FLAG_NONE, -1, nullptr, 0, to_library(now_));
}

std::optional<ByteView> Connection::next_packet(TimePoint now) {
  FB_ASSERT(!in_call_);
  advance(now);
  if (state_ == State::Closing && close_due_) {
    close_due_ = false;
    return close_packet_;
  }
  if (closed()) return std::nullopt;
  if (burst_bytes_ >= send_quantum()) end_burst(now_);

  in_call_ = true;
  if (state_ == State::Established && client_ && !stream_open_ && control_.has_unsent()) {
    std::int64_t stream = -1;
    stream_open_ = ngtcp2_conn_open_bidi_stream(conn_.get(), &stream, nullptr) == 0;
  }
  const bool control = state_ == State::Established && stream_open_ && !control_blocked_ && control_.has_unsent();
  const bool datagram = !control && state_ == State::Established && (held_ || (may_pull() && hold_datagram()));
  if (packet_.size() < room_bytes()) packet_.resize(room_bytes());
  const auto written = control ? write_control() : datagram ? write_datagram() : write_rest();
  in_call_ = false;

  if (written < 0 && !ending_) fail(static_cast<int>(written));
  settle();
  if (closed()) return next_packet(now);
  if (written == 0) {
    end_burst(now_);
    return std::nullopt;
  }
  return packet_written(static_cast<std::size_t>(written));
}

std::optional<ByteView> Connection::packet_written(std::size_t bytes) {
  const auto silence = now_ - last_active_;
  last_active_ = now_;
  burst_bytes_ += bytes;
  if (client_ && confirmed_ && silence >= kKeepAliveMin) redraw_keep_alive();
  const auto packet = ByteView(packet_).first(bytes);
  // A peer that asks for greasing (RFC 9287) makes the library clear the bit until check_profile() has seen it. Such a
  // packet would be taken for filler; to swallow it here is the same loss.
  return core::is_packet(packet) ? std::optional(packet) : std::nullopt;
}

void Connection::redraw_keep_alive() {
  const auto low = to_library(Duration(kKeepAliveMin));
  const auto high = to_library(Duration(kKeepAliveMax) - kKeepAliveSlack);
  ngtcp2_conn_set_keep_alive_timeout(conn_.get(), rng_.between(low, high));
}

void Connection::end_burst(TimePoint now) {
  advance(now);
  if (closed() || burst_bytes_ == 0) return;
  burst_bytes_ = 0;
  // The library does not tell until when it paces, but that is its next expiry when no other timer comes first. If one
  // does, we may pull a datagram too early, and hold it.
  const auto before = ngtcp2_conn_get_expiry(conn_.get());
  ngtcp2_conn_update_pkt_tx_time(conn_.get(), to_library(now_));
  const auto after = ngtcp2_conn_get_expiry(conn_.get());
  paced_until_ = after < before ? from_library(after).value_or(now_) : now_;
}

// An idle connection keeps no buffer: an egress has thousands of them, and a full-size packet takes as much memory as
// the library's own state.
void Connection::rest() {
  if (held_ || packet_.capacity() == 0) return;
  ngtcp2_conn_info info{};
  ngtcp2_conn_get_conn_info(conn_.get(), &info);
  if (info.bytes_in_flight > 0) return;
  Bytes().swap(packet_);
  Bytes().swap(datagram_);
}

std::size_t Connection::send_quantum() const {
  return closed() ? kHandshakePacketBytes : ngtcp2_conn_get_send_quantum(conn_.get());
}

}  // namespace footbridge::quic
