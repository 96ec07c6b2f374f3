// Connection, how it ends: every failure becomes a CloseInfo for the user and, where the peer can still read, a
// CONNECTION_CLOSE for it. No reason phrase is ever sent.
#include <algorithm>
#include <ngtcp2/ngtcp2_crypto.h>

#include "base/assert.hpp"
#include "core/path/filler.hpp"
#include "quic/connection.hpp"
#include "quic/library_time.hpp"
#include "quic/ngtcp2_glue.hpp"
#include "quic/tls_session.hpp"

namespace footbridge::quic {

namespace {

constexpr unsigned kClosingPtos = 3;  // RFC 9000 §10.2

CloseInfo closed_by_alert(CloseBy by, std::uint64_t alert, bool pin_refused) {
  if (alert == kAlertNoApplicationProtocol) return {by, CloseKind::WrongProtocol, alert};
  if (pin_refused) return {by, CloseKind::WrongPin, alert};
  return {by, CloseKind::Tls, alert};
}

ngtcp2_ccerr frame_for(const CloseInfo& info) {
  ngtcp2_ccerr frame;
  ngtcp2_ccerr_default(&frame);
  switch (info.kind) {
    case CloseKind::Application:
    case CloseKind::Profile: ngtcp2_ccerr_set_application_error(&frame, info.code, nullptr, 0); break;
    case CloseKind::WrongPin:
    case CloseKind::WrongProtocol:
    case CloseKind::Tls: ngtcp2_ccerr_set_tls_alert(&frame, static_cast<std::uint8_t>(info.code), nullptr, 0); break;
    case CloseKind::Transport:
    case CloseKind::Internal: ngtcp2_ccerr_set_transport_error(&frame, info.code, nullptr, 0); break;
    case CloseKind::IdleTimeout:
    case CloseKind::HandshakeTimeout:
    case CloseKind::Pipe: ngtcp2_ccerr_set_transport_error(&frame, NGTCP2_NO_ERROR, nullptr, 0); break;
  }
  return frame;
}

}  // namespace

// As soon as the peer's transport parameters are known: what a sound QUIC peer may ask but a path cannot grant.
void Connection::check_profile() {
  if (profile_checked_ || ending_) return;
  const auto* params = ngtcp2_conn_get_remote_transport_params(conn_.get());
  if (params == nullptr) return;
  profile_checked_ = true;
  const auto takes = std::min<std::uint64_t>(
      {params->max_udp_payload_size, core::kMaxPacketBytes, params->max_datagram_frame_size + kPacketOverheadBytes});
  peer_packet_bytes_ = static_cast<std::size_t>(takes);
  const bool one_stream = !client_ || params->initial_max_streams_bidi >= 1;
  const bool sound = params->grease_quic_bit == 0 && takes >= core::kFragmentBytes && one_stream;
  if (!sound) ending_ = CloseInfo{CloseBy::Us, CloseKind::Profile, kCloseProfile};
}

void Connection::close(TimePoint now, std::uint64_t code) {
  advance(now);
  if (closed() || ending_) return;
  ending_ = CloseInfo{CloseBy::Us, CloseKind::Application, code};
  if (!in_call_) settle();
}

// The library forbids to close from inside its callbacks; what they decided is carried out here.
void Connection::settle() {
  if (ending_ && !closed()) start_closing(*ending_);
}

void Connection::fail(int library_error) {
  switch (library_error) {
    case NGTCP2_ERR_DRAINING: return finish_by_peer();
    case NGTCP2_ERR_IDLE_CLOSE: return tell_closed({CloseBy::Time, CloseKind::IdleTimeout, 0}, State::Over);
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT: return start_closing({CloseBy::Time, CloseKind::HandshakeTimeout, 0});
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      return tell_closed({CloseBy::Peer, CloseKind::WrongProtocol, 0}, State::Over);
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
      return tell_closed({CloseBy::Us, CloseKind::Transport, NGTCP2_PROTOCOL_VIOLATION}, State::Over);
    case NGTCP2_ERR_CRYPTO:
      return start_closing(closed_by_alert(CloseBy::Us, ngtcp2_conn_get_tls_alert(conn_.get()), tls_->pin_refused()));
    case NGTCP2_ERR_NOMEM:
    case NGTCP2_ERR_CALLBACK_FAILURE:
    case NGTCP2_ERR_INTERNAL: return start_closing({CloseBy::Us, CloseKind::Internal, NGTCP2_INTERNAL_ERROR});
    default:
      return start_closing(
          {CloseBy::Us, CloseKind::Transport, ngtcp2_err_infer_quic_transport_error_code(library_error)});
  }
}

void Connection::finish_by_peer() {
  const auto* frame = ngtcp2_conn_get_ccerr(conn_.get());
  CloseInfo info{CloseBy::Peer, CloseKind::Transport, frame->error_code};
  if (frame->type == NGTCP2_CCERR_TYPE_APPLICATION) {
    const bool profile = frame->error_code == kCloseProfile || frame->error_code == kCloseControl;
    info.kind = profile ? CloseKind::Profile : CloseKind::Application;
  } else if ((frame->error_code & ~std::uint64_t{0xff}) == NGTCP2_CRYPTO_ERROR) {
    const auto alert = frame->error_code & 0xff;
    info = closed_by_alert(CloseBy::Peer, alert, !client_ && alert == kAlertBadCertificate);
  }
  tell_closed(info, State::Over);
}

void Connection::start_closing(const CloseInfo& info) {
  const auto frame = frame_for(info);
  close_packet_.resize(kHandshakePacketBytes);
  const auto written = ngtcp2_conn_write_connection_close(conn_.get(), nullptr, nullptr, as_u8(ByteSpan(close_packet_)),
                                                          close_packet_.size(), &frame, to_library(now_));
  close_packet_.resize(written > 0 ? static_cast<std::size_t>(written) : 0);
  // Nothing to say it with: before the first packet, before the peer has shown that it can read, or because the peer
  // asked for greasing and the library cleared the bit that tells our words from filler.
  if (!core::is_packet(close_packet_)) return tell_closed(info, State::Over);
  close_due_ = true;
  closing_until_ = now_ + kClosingPtos * Duration(static_cast<Duration::rep>(ngtcp2_conn_get_pto(conn_.get())));
  tell_closed(info, State::Closing);
}

void Connection::tell_closed(const CloseInfo& info, State next) {
  FB_ASSERT(!closed());
  state_ = next;
  held_.reset();
  in_call_ = true;
  events_.on_closed(now_, info);
  in_call_ = false;
}

}  // namespace footbridge::quic
