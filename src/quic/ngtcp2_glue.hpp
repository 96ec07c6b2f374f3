// Ngtcp2Glue: the callbacks that ngtcp2 makes into a Connection. Private to quic/; the one friend of Connection, so
// that the library's types stay out of connection.hpp.
#pragma once

#include <cstdint>
#include <ngtcp2/ngtcp2.h>

#include "quic/connection.hpp"

namespace footbridge::quic {

struct Ngtcp2Glue {
  static ngtcp2_callbacks callbacks();
  static ngtcp2_settings settings(const Connection& connection);
  static ngtcp2_transport_params transport_params(bool client);
  // A pipe has no addresses: both ends of every connection have this one.
  static const ngtcp2_path& path();

  // Packets of this thread whose AEAD tag was right, so far. Comparing it around a call tells whether something came
  // from the peer and not from the proxy between us; ngtcp2 itself does not tell.
  static std::uint64_t authentic_packets();

  static constexpr unsigned kPacketBytesBits = 14;
  static std::uint64_t library_id(core::DatagramId id, std::size_t packet_bytes);

 private:
  static int handshake_completed(ngtcp2_conn* conn, void* user);
  static int handshake_confirmed(ngtcp2_conn* conn, void* user);
  static int stream_open(ngtcp2_conn* conn, int64_t stream, void* user);
  static int stream_data(ngtcp2_conn* conn, uint32_t flags, int64_t stream, uint64_t offset, const uint8_t* data,
                         size_t bytes, void* user, void* stream_user);
  static int stream_acked(ngtcp2_conn* conn, int64_t stream, uint64_t offset, uint64_t bytes, void* user,
                          void* stream_user);
  static int stream_window(ngtcp2_conn* conn, int64_t stream, uint64_t max_data, void* user, void* stream_user);
  static int stream_reset(ngtcp2_conn* conn, int64_t stream, uint64_t final_size, uint64_t code, void* user,
                          void* stream_user);
  static int stop_sending(ngtcp2_conn* conn, int64_t stream, uint64_t code, void* user, void* stream_user);
  static int datagram(ngtcp2_conn* conn, uint32_t flags, const uint8_t* data, size_t bytes, void* user);
  static int datagram_acked(ngtcp2_conn* conn, uint64_t library_id, void* user);
  static int datagram_lost(ngtcp2_conn* conn, uint64_t library_id, void* user);
  static int new_connection_id(ngtcp2_conn* conn, ngtcp2_cid* cid, uint8_t* token, size_t bytes, void* user);
  static void random(uint8_t* out, size_t bytes, const ngtcp2_rand_ctx* context);
  static int decrypt(uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* context,
                     const uint8_t* in, size_t in_bytes, const uint8_t* nonce, size_t nonce_bytes, const uint8_t* aad,
                     size_t aad_bytes);
  static void control_lost(Connection& connection);
  static int tell_fate(void* user, uint64_t library_id, core::DatagramFate fate);
};

}  // namespace footbridge::quic
