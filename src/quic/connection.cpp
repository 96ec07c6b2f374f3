#include "quic/connection.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "quic/library_time.hpp"
#include "quic/ngtcp2_glue.hpp"
#include "quic/tls_session.hpp"

namespace footbridge::quic {

namespace {

// The one connection ID that must exist: the name a client gives the egress in its first packets (RFC 9000 §7.2).
constexpr std::size_t kFirstDestinationIdBytes = 16;

}  // namespace

void Connection::Free::operator()(ngtcp2_conn* conn) const { ngtcp2_conn_del(conn); }

Connection::Connection(const ConnectionConfig& config, TimePoint now, Rng& rng, ConnectionEvents& events,
                       core::DatagramSource& source)
    : config_(config),
      rng_(rng),
      events_(events),
      source_(source),
      now_(now),
      last_heard_(now),
      last_active_(now),
      paced_until_(now) {
  FB_ASSERT(config.max_packet_bytes >= core::kFragmentBytes && config.max_packet_bytes <= core::kMaxPacketBytes);
}

Connection::~Connection() = default;

std::unique_ptr<Connection> Connection::connect(const ClientConfig& config, TimePoint now, Rng& rng,
                                                ConnectionEvents& events, core::DatagramSource& source) {
  std::unique_ptr<Connection> made(new Connection(config.connection, now, rng, events, source));
  return made->start_client(config) ? std::move(made) : nullptr;
}

bool Connection::start_client(const ClientConfig& config) {
  client_ = true;
  tls_ = TlsSession::client(config.pin, config.connection.alpn);
  if (!tls_) return false;
  const auto callbacks = Ngtcp2Glue::callbacks();
  const auto settings = Ngtcp2Glue::settings(*this);
  auto params = Ngtcp2Glue::transport_params(client_);
  params.max_udp_payload_size = std::max(config_.max_packet_bytes, kHandshakePacketBytes);
  const auto first_id = rng_.array<kFirstDestinationIdBytes>();
  ngtcp2_cid destination;
  ngtcp2_cid_init(&destination, as_u8(ByteView(first_id)), first_id.size());
  const ngtcp2_cid none{};
  ngtcp2_conn* conn = nullptr;
  if (ngtcp2_conn_client_new(&conn, &destination, &none, &Ngtcp2Glue::path(), NGTCP2_PROTO_VER_V1, &callbacks,
                             &settings, &params, nullptr, this) != 0)
    return false;
  conn_.reset(conn);
  tls_->attach(conn);
  return true;
}

Result<std::unique_ptr<Connection>, QuicErrc> Connection::accept(const ServerConfig& config, TimePoint now, Rng& rng,
                                                                 ByteView first_packet, ConnectionEvents& events,
                                                                 core::DatagramSource& source) {
  std::unique_ptr<Connection> made(new Connection(config.connection, now, rng, events, source));
  if (const auto started = made->start_server(config, first_packet); !started) return started.error();
  return made;
}

Status<QuicErrc> Connection::start_server(const ServerConfig& config, ByteView first_packet) {
  ngtcp2_pkt_hd header{};
  if (first_packet.size() > core::kMaxPacketBytes) return QuicErrc::NotAnInitial;
  if (ngtcp2_accept(&header, as_u8(first_packet), first_packet.size()) != 0) return QuicErrc::NotAnInitial;
  if (header.version != NGTCP2_PROTO_VER_V1) return QuicErrc::NotAnInitial;
  tls_ = TlsSession::server(config.identity, config.connection.alpn);
  if (!tls_) return QuicErrc::Internal;
  const auto callbacks = Ngtcp2Glue::callbacks();
  const auto settings = Ngtcp2Glue::settings(*this);
  auto params = Ngtcp2Glue::transport_params(client_);
  params.max_udp_payload_size = std::max(config_.max_packet_bytes, kHandshakePacketBytes);
  params.original_dcid = header.dcid;
  params.original_dcid_present = 1;
  const ngtcp2_cid none{};
  ngtcp2_conn* conn = nullptr;
  if (ngtcp2_conn_server_new(&conn, &header.scid, &none, &Ngtcp2Glue::path(), header.version, &callbacks, &settings,
                             &params, nullptr, this) != 0)
    return QuicErrc::Internal;
  conn_.reset(conn);
  tls_->attach(conn);
  return {};
}

// The library wants time that never runs backwards; a caller's clock read out of order must not abort us.
void Connection::advance(TimePoint now) { now_ = std::max(now_, now); }

void Connection::on_packet(TimePoint now, ByteView packet) {
  FB_ASSERT(!in_call_);
  advance(now);
  if (packet.empty() || packet.size() > core::kMaxPacketBytes || state_ == State::Over) return;
  if (state_ == State::Closing) {
    // The peer has not heard. Say it again, to ever fewer of its packets: the 1st, 2nd, 4th, 8th, …
    ++heard_while_closing_;
    if ((heard_while_closing_ & (heard_while_closing_ - 1)) == 0) close_due_ = true;
    return;
  }
  const auto authentic_before = Ngtcp2Glue::authentic_packets();
  const ngtcp2_pkt_info no_ecn{};
  in_call_ = true;
  const int error =
      ngtcp2_conn_read_pkt(conn_.get(), &Ngtcp2Glue::path(), &no_ecn, as_u8(packet), packet.size(), to_library(now_));
  if (Ngtcp2Glue::authentic_packets() != authentic_before) last_heard_ = last_active_ = now_;
  if (error == 0) check_profile();
  in_call_ = false;
  if (error != 0 && !ending_) fail(error);
  settle();
}

void Connection::on_deadline(TimePoint now) {
  FB_ASSERT(!in_call_);
  advance(now);
  if (state_ == State::Closing && now_ >= closing_until_) state_ = State::Over;
  if (state_ == State::Closing || state_ == State::Over) return;
  if (ngtcp2_conn_get_expiry(conn_.get()) > to_library(now_)) return;
  in_call_ = true;
  const int error = ngtcp2_conn_handle_expiry(conn_.get(), to_library(now_));
  in_call_ = false;
  if (error != 0) fail(error);
  settle();
}

std::optional<TimePoint> Connection::deadline() const {
  if (state_ == State::Over) return std::nullopt;
  if (state_ == State::Closing) return closing_until_;
  return from_library(ngtcp2_conn_get_expiry(conn_.get()));
}

bool Connection::send_control(ByteView bytes) {
  if (closed() || ending_) return false;
  return control_.push(bytes);
}

void Connection::set_packet_bytes(std::size_t bytes) {
  FB_ASSERT(bytes > kPacketOverheadBytes && bytes <= config_.max_packet_bytes);
  packet_bytes_ = bytes;
}

core::PathStats Connection::stats() const {
  ngtcp2_conn_info info{};
  ngtcp2_conn_get_conn_info(conn_.get(), &info);
  core::PathStats stats;
  stats.smoothed_rtt = Duration(static_cast<Duration::rep>(info.smoothed_rtt));
  stats.rtt_variance = Duration(static_cast<Duration::rep>(info.rttvar));
  stats.congestion_window_bytes = info.cwnd;
  stats.in_flight_bytes = info.bytes_in_flight;
  stats.last_heard = last_heard_;
  return stats;
}

bool Connection::established() const { return state_ == State::Established; }
bool Connection::closed() const { return state_ == State::Closing || state_ == State::Over; }
bool Connection::over() const { return state_ == State::Over; }

}  // namespace footbridge::quic
