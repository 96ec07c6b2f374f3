// TlsSession: the TLS 1.3 half of a Connection, GnuTLS behind ngtcp2's crypto glue. Sets what we speak (AES-128-GCM
// first, X25519, Ed25519 certificates, our ALPN, no tickets, no server name) and checks the egress's key against the
// pin. Private to quic/. Lives exactly as long as the ngtcp2_conn it serves.
#pragma once

#include <gnutls/gnutls.h>
#include <memory>
#include <ngtcp2/ngtcp2_crypto.h>
#include <optional>

#include "quic/identity.hpp"

namespace footbridge::quic {

class TlsSession {
 public:
  // Null: the library failed. `alpn` differs from kAlpn in tests only.
  static std::unique_ptr<TlsSession> client(const SpkiPin& pin, std::string_view alpn);
  static std::unique_ptr<TlsSession> server(const Identity& identity, std::string_view alpn);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  void attach(ngtcp2_conn* conn);
  bool pin_refused() const { return pin_refused_; }
  // The peer agreed to our ALPN; to be asked when the handshake is done.
  bool protocol_agreed() const;

 private:
  TlsSession();
  bool configure(unsigned flags, std::string_view alpn);
  bool accepts_peer_key();
  static int verify_peer(gnutls_session_t session);

  gnutls_session_t session_ = nullptr;
  gnutls_certificate_credentials_t client_credentials_ = nullptr;
  ngtcp2_crypto_conn_ref ref_{};
  ngtcp2_conn* conn_ = nullptr;
  std::optional<SpkiPin> pin_;  // of a client
  std::string_view alpn_;
  bool pin_refused_ = false;
};

}  // namespace footbridge::quic
