#include "quic/tls_session.hpp"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "base/assert.hpp"

namespace footbridge::quic {

namespace {

// AES-128 first: ChaCha20 costs this library seven times as much. Only our own kind of certificate is of any use.
constexpr const char* kPriorities =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:-SIGN-ALL:+SIGN-EDDSA-ED25519:%DISABLE_TLS13_COMPAT_MODE";

// Parsed once for the program: a copy in every session would be a seventh of what an idle path costs an egress. Null
// when the library does not know them.
gnutls_priority_t priorities() {
  static const gnutls_priority_t parsed = [] {
    gnutls_priority_t made = nullptr;
    return gnutls_priority_init(&made, kPriorities, nullptr) == 0 ? made : nullptr;
  }();
  return parsed;
}

// A certificate object for the length of a check.
struct Certificate {
  gnutls_x509_crt_t handle = nullptr;
  Certificate() { gnutls_x509_crt_init(&handle); }
  ~Certificate() {
    if (handle) gnutls_x509_crt_deinit(handle);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
};

gnutls_datum_t datum(std::string_view text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())), static_cast<unsigned>(text.size())};
}

}  // namespace

TlsSession::TlsSession() {
  ref_.get_conn = [](ngtcp2_crypto_conn_ref* ref) { return static_cast<TlsSession*>(ref->user_data)->conn_; };
  ref_.user_data = this;
}

TlsSession::~TlsSession() {
  if (session_) gnutls_deinit(session_);
  if (client_credentials_) gnutls_certificate_free_credentials(client_credentials_);
}

bool TlsSession::configure(unsigned flags, std::string_view alpn) {
  alpn_ = alpn;
  if (gnutls_init(&session_, flags | GNUTLS_NO_TICKETS | GNUTLS_NO_END_OF_EARLY_DATA) != 0) return false;
  if (priorities() == nullptr || gnutls_priority_set(session_, priorities()) != 0) return false;
  const auto protocol = datum(alpn);
  if (gnutls_alpn_set_protocols(session_, &protocol, 1, GNUTLS_ALPN_MANDATORY) != 0) return false;
  gnutls_session_set_ptr(session_, &ref_);
  return true;
}

std::unique_ptr<TlsSession> TlsSession::client(const SpkiPin& pin, std::string_view alpn) {
  std::unique_ptr<TlsSession> tls(new TlsSession());
  tls->pin_ = pin;
  if (!tls->configure(GNUTLS_CLIENT, alpn)) return nullptr;
  if (ngtcp2_crypto_gnutls_configure_client_session(tls->session_) != 0) return nullptr;
  if (gnutls_certificate_allocate_credentials(&tls->client_credentials_) != 0) return nullptr;
  gnutls_certificate_set_verify_function(tls->client_credentials_, &TlsSession::verify_peer);
  if (gnutls_credentials_set(tls->session_, GNUTLS_CRD_CERTIFICATE, tls->client_credentials_) != 0) return nullptr;
  return tls;
}

std::unique_ptr<TlsSession> TlsSession::server(const Identity& identity, std::string_view alpn) {
  std::unique_ptr<TlsSession> tls(new TlsSession());
  if (!tls->configure(GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET, alpn)) return nullptr;
  if (ngtcp2_crypto_gnutls_configure_server_session(tls->session_) != 0) return nullptr;
  if (gnutls_credentials_set(tls->session_, GNUTLS_CRD_CERTIFICATE, identity.credentials()) != 0) return nullptr;
  return tls;
}

void TlsSession::attach(ngtcp2_conn* conn) {
  conn_ = conn;
  ngtcp2_conn_set_tls_native_handle(conn, session_);
}

bool TlsSession::protocol_agreed() const {
  gnutls_datum_t chosen{};
  if (gnutls_alpn_get_selected_protocol(session_, &chosen) != 0) return false;
  return as_text(as_bytes(chosen.data, chosen.size)) == alpn_;
}

// Called by GnuTLS when the certificate message is in; the signature that proves the key follows and is checked by
// GnuTLS itself. Anything but 0 becomes the TLS alert bad_certificate.
int TlsSession::verify_peer(gnutls_session_t session) {
  auto* ref = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  auto& tls = *static_cast<TlsSession*>(ref->user_data);
  if (tls.accepts_peer_key()) return 0;
  tls.pin_refused_ = true;
  return GNUTLS_E_CERTIFICATE_ERROR;
}

bool TlsSession::accepts_peer_key() {
  FB_ASSERT(pin_.has_value());
  unsigned count = 0;
  const auto* chain = gnutls_certificate_get_peers(session_, &count);
  if (chain == nullptr || count == 0) return false;
  const Certificate certificate;
  if (!certificate.handle || gnutls_x509_crt_import(certificate.handle, chain, GNUTLS_X509_FMT_DER) != 0) return false;
  std::array<std::byte, SpkiPin::kBytes> digest{};
  std::size_t digest_bytes = digest.size();
  if (gnutls_x509_crt_get_key_id(certificate.handle, GNUTLS_KEYID_USE_SHA256, as_u8(ByteSpan(digest)), &digest_bytes) !=
      0)
    return false;
  return digest_bytes == digest.size() && SpkiPin(digest) == *pin_;
}

}  // namespace footbridge::quic
