#include "transport/webrtc/sctp_association.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <usrsctp.h>

#include "base/assert.hpp"
#include "transport/webrtc/crc32c.hpp"
#include "transport/webrtc/link.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::uint16_t kLocalPort = 5000;  // what every WebRTC stack uses and our descriptions say
constexpr std::uint16_t kStreams = 16;      // one is used; browsers put it on 0 or 1
constexpr std::uint32_t kHeartbeatMillis = 10'000;
// What DTLS 1.2 with AES-GCM leaves of a datagram: 13 header, 8 nonce, 16 tag. usrsctp adds its common header of 12
// to the number it is given, so that a chunk carries kChunkPayloadBytes and datagrams stay ≤ kMaxDatagramBytes.
constexpr std::uint32_t kDtlsPayloadBytes = 1163;
constexpr std::uint32_t kCommonHeaderBytes = 12;
constexpr std::uint32_t kPathMtu = kDtlsPayloadBytes - kCommonHeaderBytes;
constexpr std::uint32_t kDataChunkHeaderBytes = 16;
static_assert((kDtlsPayloadBytes - kCommonHeaderBytes - kDataChunkHeaderBytes) / 4 * 4 == kChunkPayloadBytes);

constexpr std::byte kDataChunk{0};
constexpr std::byte kSackChunk{3};
constexpr std::size_t kChecksumOffset = 8;
constexpr std::size_t kChunkHeaderBytes = 4;

// How every notification of the library begins.
struct NotificationHeader {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t length = 0;
};

sockaddr_conn conn_address(void* handle, std::uint16_t port) {
  sockaddr_conn out{};
  out.sconn_family = AF_CONN;
  out.sconn_port = htons(port);
  out.sconn_addr = handle;
  return out;
}

bool is_pure_sack(ByteView packet) {
  if (packet.size() < kCommonHeaderBytes + kChunkHeaderBytes || packet[kCommonHeaderBytes] != kSackChunk) return false;
  const auto length = std::to_integer<std::size_t>(packet[kCommonHeaderBytes + 2]) << 8 |
                      std::to_integer<std::size_t>(packet[kCommonHeaderBytes + 3]);
  return kCommonHeaderBytes + (length + 3) / 4 * 4 == packet.size();
}

// Data or an acknowledgement: what a busy link consists of.
bool is_bulk(ByteView packet) {
  return packet.size() > kCommonHeaderBytes &&
         (packet[kCommonHeaderBytes] == kDataChunk || packet[kCommonHeaderBytes] == kSackChunk);
}

template <class T>
void set_option(struct socket* socket, int level, int option, const T& value) {
  if (usrsctp_setsockopt(socket, level, option, &value, sizeof value) != 0)
    throw std::system_error(errno, std::generic_category(), "SCTP socket option");
}

}  // namespace

SctpAssociation::SctpAssociation(SctpStack& stack, SctpEvents& events, std::uint16_t remote_port)
    : stack_(stack), events_(events), handle_(stack.add(*this)) {
  try {
    open_socket();
    connect(remote_port);
  } catch (...) {
    if (socket_ != nullptr) usrsctp_close(socket_);
    stack_.remove(handle_);
    throw;
  }
}

SctpAssociation::~SctpAssociation() {
  abort();
  stack_.remove(handle_);
}

void SctpAssociation::open_socket() {
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
  if (socket_ == nullptr || usrsctp_set_non_blocking(socket_, 1) != 0)
    throw std::system_error(errno, std::generic_category(), "SCTP socket");
  set_options();
}

void SctpAssociation::set_options() {
  set_option(socket_, SOL_SOCKET, SO_LINGER, linger{1, 0});  // closing means ABORT, at once
  set_option(socket_, IPPROTO_SCTP, SCTP_NODELAY, std::uint32_t{1});
  set_option(socket_, IPPROTO_SCTP, SCTP_RECVRCVINFO, std::uint32_t{1});
  set_option(socket_, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET,
             sctp_assoc_value{SCTP_ALL_ASSOC, SCTP_ENABLE_RESET_STREAM_REQ});
  for (const auto type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_SHUTDOWN_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_on = 1;
    event.se_type = static_cast<std::uint16_t>(type);
    set_option(socket_, IPPROTO_SCTP, SCTP_EVENT, event);
  }
  sctp_initmsg init{};
  init.sinit_num_ostreams = kStreams;
  init.sinit_max_instreams = kStreams;
  set_option(socket_, IPPROTO_SCTP, SCTP_INITMSG, init);
}

void SctpAssociation::connect(std::uint16_t remote_port) {
  stack_.catch_up();
  auto local = conn_address(handle_, kLocalPort);
  auto remote = conn_address(handle_, remote_port);
  if (usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof local) != 0)
    throw std::system_error(errno, std::generic_category(), "SCTP bind");
  if (usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof remote) != 0 && errno != EINPROGRESS)
    throw std::system_error(errno, std::generic_category(), "SCTP connect");
  sctp_paddrparams path{};
  std::memcpy(&path.spp_address, &remote, sizeof remote);
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_ENABLE;
  path.spp_hbinterval = kHeartbeatMillis;
  path.spp_pathmtu = kPathMtu;
  set_option(socket_, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

void SctpAssociation::on_packet(ByteView packet) {
  if (state_ == State::Ended) return;
  stack_.catch_up();
  if (!is_bulk(packet)) read();  // an end must not overtake what came before it
  usrsctp_conninput(handle_, packet.data(), packet.size(), 0);
}

// Only what arrived before the pause is missing while paused_: an abort, too, is seen after resume(). DTLS and consent
// tell of the other side's end in the meantime.
void SctpAssociation::read() {
  const auto scratch = stack_.message_scratch();
  while (!paused_ && state_ != State::Ended) {
    sctp_rcvinfo info{};
    sockaddr_conn from{};
    socklen_t from_bytes = sizeof from;
    socklen_t info_bytes = sizeof info;
    unsigned info_type = 0;
    int flags = 0;
    const auto count = usrsctp_recvv(socket_, scratch.data(), scratch.size(), reinterpret_cast<sockaddr*>(&from),
                                     &from_bytes, &info, &info_bytes, &info_type, &flags);
    if (count < 0 && (errno == EWOULDBLOCK || errno == EAGAIN)) return;
    if (count < 0 && state_ == State::Connecting && (errno == ENOTCONN || errno == EINPROGRESS)) return;
    if (count <= 0) return end(SctpEnd::Remote);
    const auto message = ByteView(scratch).first(static_cast<std::size_t>(count));
    if ((flags & MSG_NOTIFICATION) != 0) {
      on_notification(message);
    } else if ((flags & MSG_EOR) == 0 || message.size() > kMaxMessageBytes) {
      return end(SctpEnd::Oversized);
    } else if (info_type == SCTP_RECVV_RCVINFO) {
      const auto protocol = static_cast<PayloadProtocol>(ntohl(info.rcv_ppid));
      paused_ = !events_.on_sctp_message(info.rcv_sid, protocol, message);
    }
  }
}

void SctpAssociation::on_notification(ByteView notification) {
  NotificationHeader header{};
  if (notification.size() < sizeof header) return;
  std::memcpy(&header, notification.data(), sizeof header);
  if (header.type == SCTP_SHUTDOWN_EVENT) return end(SctpEnd::Remote);
  if (header.type == SCTP_ASSOC_CHANGE && notification.size() >= sizeof(sctp_assoc_change)) {
    sctp_assoc_change change{};
    std::memcpy(&change, notification.data(), sizeof change);
    if (change.sac_state == SCTP_COMM_UP && state_ == State::Connecting) {
      state_ = State::Up;
      events_.on_sctp_up();
    } else if (change.sac_state == SCTP_COMM_LOST || change.sac_state == SCTP_CANT_STR_ASSOC) {
      const bool told = notification.size() > sizeof change;  // the ABORT chunk of the other side follows
      end(told ? SctpEnd::Remote : SctpEnd::Silent);
    } else if (change.sac_state == SCTP_SHUTDOWN_COMP || change.sac_state == SCTP_RESTART) {
      end(SctpEnd::Remote);
    }
    return;
  }
  if (header.type != SCTP_STREAM_RESET_EVENT || notification.size() < sizeof(sctp_stream_reset_event)) return;
  sctp_stream_reset_event reset{};
  std::memcpy(&reset, notification.data(), sizeof reset);
  if ((reset.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) == 0) return;
  auto ids = notification.subspan(sizeof reset);
  for (; ids.size() >= sizeof(StreamId) && state_ != State::Ended; ids = ids.subspan(sizeof(StreamId))) {
    StreamId id = 0;
    std::memcpy(&id, ids.data(), sizeof id);
    events_.on_sctp_stream_reset(id);
  }
}

SctpAssociation::Sent SctpAssociation::send(StreamId stream, PayloadProtocol protocol, SctpDelivery delivery,
                                            ByteView message) {
  if (state_ != State::Up) return Sent::Closed;
  stack_.catch_up();
  sctp_sendv_spa how{};
  how.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  how.sendv_sndinfo.snd_sid = stream;
  how.sendv_sndinfo.snd_ppid = htonl(static_cast<std::uint32_t>(protocol));
  if (!delivery.ordered) how.sendv_sndinfo.snd_flags = SCTP_UNORDERED;
  if (delivery.retransmits) {
    how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    how.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    how.sendv_prinfo.pr_value = *delivery.retransmits;
  }
  if (usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &how, sizeof how, SCTP_SENDV_SPA, 0) >= 0)
    return Sent::Taken;
  return errno == EWOULDBLOCK || errno == EAGAIN || errno == ENOBUFS ? Sent::Full : Sent::Closed;
}

void SctpAssociation::on_output(ByteSpan packet) {
  if (cpu_has_crc32c() && packet.size() >= kCommonHeaderBytes) {
    std::memset(packet.data() + kChecksumOffset, 0, sizeof(std::uint32_t));
    const std::uint32_t checksum = crc32c(packet);  // little-endian on the wire, as the CPU has it
    std::memcpy(packet.data() + kChecksumOffset, &checksum, sizeof checksum);
  }
  if (is_pure_sack(packet)) {
    held_sack_.assign(packet.begin(), packet.end());
    events_.on_sctp_sack_held();
    return;
  }
  events_.on_sctp_packet(packet);
}

void SctpAssociation::flush() {
  if (held_sack_.empty()) return;
  events_.on_sctp_packet(held_sack_);
  held_sack_.clear();
}

void SctpAssociation::abort() {
  state_ = State::Ended;
  if (socket_ == nullptr) return;
  usrsctp_close(socket_);  // the ABORT leaves through on_output() before this returns
  socket_ = nullptr;
  held_sack_.clear();
}

std::optional<Duration> SctpAssociation::round_trip() const {
  sctp_status status{};
  socklen_t bytes = sizeof status;
  if (state_ != State::Up || usrsctp_getsockopt(socket_, IPPROTO_SCTP, SCTP_STATUS, &status, &bytes) != 0)
    return std::nullopt;
  return Millis(std::max<std::uint32_t>(status.sstat_primary.spinfo_srtt, 1));
}

void SctpAssociation::end(SctpEnd why) {
  if (state_ == State::Ended) return;
  state_ = State::Ended;
  events_.on_sctp_end(why);
}

}  // namespace footbridge::webrtc
