#include "quic/ngtcp2_glue.hpp"

#include <algorithm>
#include <ngtcp2/ngtcp2_crypto.h>

#include "base/assert.hpp"
#include "quic/library_time.hpp"
#include "quic/tls_session.hpp"

namespace footbridge::quic {

namespace {

Connection& connection_of(void* user) { return *static_cast<Connection*>(user); }

thread_local std::uint64_t authentic_packets_here = 0;

}  // namespace

std::uint64_t Ngtcp2Glue::authentic_packets() { return authentic_packets_here; }

std::uint64_t Ngtcp2Glue::library_id(core::DatagramId id, std::size_t packet_bytes) {
  static_assert(core::kMaxPacketBytes < std::size_t{1} << kPacketBytesBits);
  FB_ASSERT(id != 0 && id <= kMaxDatagramId);
  return id << kPacketBytesBits | packet_bytes;
}

ngtcp2_callbacks Ngtcp2Glue::callbacks() {
  ngtcp2_callbacks set{};
  set.client_initial = ngtcp2_crypto_client_initial_cb;
  set.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  set.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  set.encrypt = ngtcp2_crypto_encrypt_cb;
  set.decrypt = decrypt;
  set.hp_mask = ngtcp2_crypto_hp_mask_cb;
  set.recv_retry = ngtcp2_crypto_recv_retry_cb;
  set.update_key = ngtcp2_crypto_update_key_cb;
  set.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  set.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  set.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  set.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  set.rand = random;
  set.get_new_connection_id = new_connection_id;
  set.handshake_completed = handshake_completed;
  set.handshake_confirmed = handshake_confirmed;
  set.stream_open = stream_open;
  set.recv_stream_data = stream_data;
  set.acked_stream_data_offset = stream_acked;
  set.extend_max_stream_data = stream_window;
  set.stream_reset = stream_reset;
  set.stream_stop_sending = stop_sending;
  set.recv_datagram = datagram;
  set.ack_datagram = datagram_acked;
  set.lost_datagram = datagram_lost;
  return set;
}

ngtcp2_settings Ngtcp2Glue::settings(const Connection& connection) {
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  const auto rtt = std::clamp<Duration>(connection.config_.initial_rtt, kMinInitialRtt, kMaxInitialRtt);
  settings.cc_algo = NGTCP2_CC_ALGO_BBR;
  settings.initial_ts = to_library(connection.now_);
  settings.initial_rtt = to_library(rtt);
  settings.handshake_timeout = to_library(Duration(kHandshakeTimeout));
  // The bound of all packets to come; each one's own size is the length of the buffer it is written into. The library
  // asserts 1200 here, also where later packets are shorter.
  settings.max_tx_udp_payload_size = std::max(connection.config_.max_packet_bytes, kHandshakePacketBytes);
  settings.no_tx_udp_payload_size_shaping = 1;
  settings.no_pmtud = 1;
  settings.rand_ctx.native_handle = &connection.rng_;
  return settings;
}

ngtcp2_transport_params Ngtcp2Glue::transport_params(bool client) {
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  // One stream, opened by the client; whatever else the peer tries is its protocol error.
  params.initial_max_streams_bidi = client ? 0 : 1;
  params.initial_max_streams_uni = 0;
  params.initial_max_stream_data_bidi_local = kControlWindowBytes;
  params.initial_max_stream_data_bidi_remote = kControlWindowBytes;
  params.initial_max_stream_data_uni = 0;
  params.initial_max_data = kControlWindowBytes;
  params.max_idle_timeout = to_library(Duration(kIdleTimeout));
  params.max_udp_payload_size = core::kMaxPacketBytes;
  params.max_datagram_frame_size = core::kMaxPacketBytes;
  params.active_connection_id_limit = NGTCP2_DEFAULT_ACTIVE_CONNECTION_ID_LIMIT;
  params.disable_active_migration = 1;
  params.grease_quic_bit = 0;  // the bit tells packets from fillers
  return params;
}

const ngtcp2_path& Ngtcp2Glue::path() {
  static ngtcp2_sockaddr_in address = [] {
    ngtcp2_sockaddr_in any{};
    any.sin_family = NGTCP2_AF_INET;
    return any;
  }();
  static const ngtcp2_path both = {
      {reinterpret_cast<ngtcp2_sockaddr*>(&address), sizeof address},
      {reinterpret_cast<ngtcp2_sockaddr*>(&address), sizeof address},
      nullptr,
  };
  return both;
}

int Ngtcp2Glue::handshake_completed(ngtcp2_conn*, void* user) {
  auto& self = connection_of(user);
  self.check_profile();
  if (!self.ending_ && !self.tls_->protocol_agreed())
    self.ending_ = CloseInfo{CloseBy::Us, CloseKind::WrongProtocol, kAlertNoApplicationProtocol};
  if (self.ending_) return 0;
  self.state_ = Connection::State::Established;
  if (!self.client_) self.confirmed_ = true;  // RFC 9001 §4.1.2: for a server, complete is confirmed
  self.events_.on_established(self.now_);
  return 0;
}

int Ngtcp2Glue::handshake_confirmed(ngtcp2_conn*, void* user) {
  auto& self = connection_of(user);
  self.confirmed_ = true;
  if (self.client_) self.redraw_keep_alive();
  return 0;
}

int Ngtcp2Glue::stream_open(ngtcp2_conn*, int64_t, void* user) {
  connection_of(user).stream_open_ = true;
  return 0;
}

int Ngtcp2Glue::stream_data(ngtcp2_conn* conn, uint32_t flags, int64_t stream, uint64_t, const uint8_t* data,
                            size_t bytes, void* user, void*) {
  auto& self = connection_of(user);
  if (self.ending_) return 0;
  // Delivered is consumed: the user bounds what it keeps. The window bounds what arrives out of order.
  if (ngtcp2_conn_extend_max_stream_offset(conn, stream, bytes) != 0) return NGTCP2_ERR_CALLBACK_FAILURE;
  ngtcp2_conn_extend_max_offset(conn, bytes);
  self.events_.on_control(self.now_, as_bytes(data, bytes), (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
  return 0;
}

int Ngtcp2Glue::stream_acked(ngtcp2_conn*, int64_t, uint64_t offset, uint64_t bytes, void* user, void*) {
  connection_of(user).control_.mark_acked(offset + bytes);
  return 0;
}

int Ngtcp2Glue::stream_window(ngtcp2_conn*, int64_t, uint64_t, void* user, void*) {
  connection_of(user).control_blocked_ = false;
  return 0;
}

void Ngtcp2Glue::control_lost(Connection& self) {
  if (!self.ending_) self.ending_ = CloseInfo{CloseBy::Us, CloseKind::Profile, kCloseControl};
}

int Ngtcp2Glue::stream_reset(ngtcp2_conn*, int64_t, uint64_t, uint64_t, void* user, void*) {
  control_lost(connection_of(user));
  return 0;
}

int Ngtcp2Glue::stop_sending(ngtcp2_conn*, int64_t, uint64_t, void* user, void*) {
  control_lost(connection_of(user));
  return 0;
}

int Ngtcp2Glue::datagram(ngtcp2_conn*, uint32_t, const uint8_t* data, size_t bytes, void* user) {
  auto& self = connection_of(user);
  if (!self.ending_) self.events_.on_datagram(self.now_, as_bytes(data, bytes));
  return 0;
}

int Ngtcp2Glue::tell_fate(void* user, uint64_t library_id, core::DatagramFate fate) {
  auto& self = connection_of(user);
  constexpr std::uint64_t kMask = (std::uint64_t{1} << kPacketBytesBits) - 1;
  self.events_.on_datagram_fate(self.now_, library_id >> kPacketBytesBits, fate, library_id & kMask);
  return 0;
}

int Ngtcp2Glue::datagram_acked(ngtcp2_conn*, uint64_t id, void* user) {
  return tell_fate(user, id, core::DatagramFate::Acked);
}

int Ngtcp2Glue::datagram_lost(ngtcp2_conn*, uint64_t id, void* user) {
  return tell_fate(user, id, core::DatagramFate::Lost);
}

// Never called while our own connection IDs are empty; correct all the same.
int Ngtcp2Glue::new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, uint8_t* token, size_t bytes, void* user) {
  auto& rng = connection_of(user).rng_;
  const auto id = rng.bytes(bytes);
  ngtcp2_cid_init(cid, as_u8(ByteView(id)), bytes);
  rng.fill({reinterpret_cast<std::byte*>(token), NGTCP2_STATELESS_RESET_TOKENLEN});
  return 0;
}

void Ngtcp2Glue::random(uint8_t* out, size_t bytes, const ngtcp2_rand_ctx* context) {
  static_cast<Rng*>(context->native_handle)->fill({reinterpret_cast<std::byte*>(out), bytes});
}

int Ngtcp2Glue::decrypt(uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
                        const uint8_t* in, size_t in_bytes, const uint8_t* nonce, size_t nonce_bytes,
                        const uint8_t* aad, size_t aad_bytes) {
  const int error = ngtcp2_crypto_decrypt_cb(out, aead, context, in, in_bytes, nonce, nonce_bytes, aad, aad_bytes);
  if (error == 0) ++authentic_packets_here;
  return error;
}

}  // namespace footbridge::quic
