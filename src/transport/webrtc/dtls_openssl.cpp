#include "transport/webrtc/dtls_openssl.hpp"

#include <algorithm>
#include <openssl/err.h>
#include <stdexcept>

#include "base/assert.hpp"

namespace footbridge::webrtc {
namespace {

// Chromium's list without its TLS 1.3 suites; the order is also our preference as a server.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:"
    "ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES128-SHA:AES256-SHA";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kSignatures =
    "ECDSA+SHA256:rsa_pss_rsae_sha256:RSA+SHA256:ECDSA+SHA384:rsa_pss_rsae_sha384:RSA+SHA384:"
    "rsa_pss_rsae_sha512:RSA+SHA512:RSA+SHA1";
// Nobody here speaks SRTP; browsers offer it on data-channel handshakes all the same.
constexpr const char* kSrtpProfiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";

constexpr std::size_t kMaxRecordBytes = 16'384;       // RFC 6347: 2^14 of plaintext
constexpr unsigned kFirstRetransmitMicros = 100'000;  // browsers begin at 50–400 ms; OpenSSL's own 1 s is an outage
constexpr unsigned kMaxRetransmitMicros = 2'000'000;
constexpr long kUdpIpOverhead = 28;

int accept_any_certificate(int, X509_STORE_CTX*) { return 1; }  // the fingerprint is checked after the handshake

unsigned next_retransmit(SSL*, unsigned micros) {
  return micros == 0 ? kFirstRetransmitMicros : std::min(2 * micros, kMaxRetransmitMicros);
}

class OpenSslDtls final : public Dtls {
 public:
  OpenSslDtls(SSL_CTX* context, const Certificate& certificate, DtlsEvents& events, ByteSpan record);
  ~OpenSslDtls() override { SSL_free(ssl_); }

  void start(DtlsRole role, const wire::Sha256Fingerprint& expected) override;
  void on_datagram(ByteView datagram) override;
  void on_tick() override;
  bool send(ByteView record) override;
  void close() override;
  bool export_secret(std::string_view label, ByteSpan out) override;

  // What the BIO calls.
  void write_datagram(ByteView datagram) { events_.on_dtls_datagram(datagram); }
  int read_datagram(ByteSpan out);
  bool has_datagram() const { return !incoming_.empty(); }

 private:
  // Idle ──start──▶ Handshaking ──finished, fingerprint right──▶ Up ──alert, close──▶ Ended
  //                     └──────────────── alert, refusal, wrong fingerprint ───────────▶ ┘
  enum class State : std::uint8_t { Idle, Handshaking, Up, Ended };

  void shake();
  void read_records();
  void end(DtlsEnd why);
  bool peer_is_expected() const;

  DtlsEvents& events_;
  ByteSpan record_;
  SSL* ssl_;
  State state_ = State::Idle;
  wire::Sha256Fingerprint expected_{};
  ByteView incoming_;
};

OpenSslDtls& owner_of(BIO* bio) { return *static_cast<OpenSslDtls*>(BIO_get_data(bio)); }

// A BIO that keeps datagram boundaries: one write is one datagram. (BIO_s_mem would join them.)
int bio_write(BIO* bio, const char* data, int length) {
  owner_of(bio).write_datagram(as_bytes(std::string_view(data, static_cast<std::size_t>(length))));
  return length;
}

int bio_read(BIO* bio, char* out, int length) {
  BIO_clear_retry_flags(bio);
  const int count = owner_of(bio).read_datagram({reinterpret_cast<std::byte*>(out), static_cast<std::size_t>(length)});
  if (count < 0) BIO_set_retry_read(bio);
  return count;
}

long bio_ctrl(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_PENDING: return owner_of(bio).has_datagram() ? 1 : 0;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU: return static_cast<long>(kMaxDatagramBytes);
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return kUdpIpOverhead;
    default: return 0;
  }
}

const BIO_METHOD* datagram_bio() {
  static BIO_METHOD* const method = [] {
    auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "link datagrams");
    FB_ASSERT(made != nullptr);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_ctrl);
    return made;
  }();
  return method;
}

OpenSslDtls::OpenSslDtls(SSL_CTX* context, const Certificate& certificate, DtlsEvents& events, ByteSpan record)
    : events_(events), record_(record), ssl_(SSL_new(context)) {
  BIO* const bio = BIO_new(datagram_bio());
  FB_ASSERT(ssl_ != nullptr && bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mtu(ssl_, static_cast<long>(kMaxDatagramBytes));
  DTLS_set_timer_cb(ssl_, next_retransmit);
  FB_ASSERT(SSL_use_certificate(ssl_, certificate.x509()) == 1 && SSL_use_PrivateKey(ssl_, certificate.key()) == 1);
}

void OpenSslDtls::start(DtlsRole role, const wire::Sha256Fingerprint& expected) {
  FB_ASSERT(state_ == State::Idle);
  state_ = State::Handshaking;
  expected_ = expected;
  if (role == DtlsRole::Client) {
    SSL_set_connect_state(ssl_);
    shake();
  } else {
    SSL_set_accept_state(ssl_);
  }
}

void OpenSslDtls::on_datagram(ByteView datagram) {
  if (state_ == State::Idle || state_ == State::Ended) return;
  incoming_ = datagram;
  if (state_ == State::Handshaking) shake();
  if (state_ == State::Up) read_records();
  incoming_ = {};
}

void OpenSslDtls::on_tick() {
  if (state_ == State::Handshaking && DTLSv1_handle_timeout(ssl_) < 0) end(DtlsEnd::Failed);
}

void OpenSslDtls::shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result != 1) {
    const int error = SSL_get_error(ssl_, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) end(DtlsEnd::Failed);
    return;
  }
  // Without an AEAD suite records would be longer than the packet sizes of a link are made for.
  if (!peer_is_expected() || SSL_CIPHER_is_aead(SSL_get_current_cipher(ssl_)) == 0) return end(DtlsEnd::Failed);
  state_ = State::Up;
  events_.on_dtls_up();
}

// Asking for more than the datagram holds would cost half as much again as reading a record, and so would looking at
// OpenSSL's queue of errors each time: what SSL_read wants, and whether the other side has closed, tells enough.
void OpenSslDtls::read_records() {
  while (state_ == State::Up && (!incoming_.empty() || SSL_has_pending(ssl_) == 1)) {
    const int count = SSL_read(ssl_, record_.data(), static_cast<int>(record_.size()));
    if (count > 0) {
      events_.on_dtls_record(record_.first(static_cast<std::size_t>(count)));
      continue;
    }
    if ((SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0) return end(DtlsEnd::Orderly);
    if (SSL_want_read(ssl_)) return;
    ERR_clear_error();  // the queue is the thread's, not ours
    return end(DtlsEnd::Failed);
  }
}

bool OpenSslDtls::send(ByteView record) {
  if (state_ != State::Up || record.size() > kMaxSentRecordBytes) return false;
  return SSL_write(ssl_, record.data(), static_cast<int>(record.size())) > 0;
}

void OpenSslDtls::close() {
  if (state_ == State::Up) SSL_shutdown(ssl_);
  state_ = State::Ended;
}

bool OpenSslDtls::export_secret(std::string_view label, ByteSpan out) {
  return state_ == State::Up &&
         SSL_export_keying_material(ssl_, as_u8(out), out.size(), label.data(), label.size(), nullptr, 0, 0) == 1;
}

int OpenSslDtls::read_datagram(ByteSpan out) {
  if (incoming_.empty()) return -1;
  const auto count = std::min(out.size(), incoming_.size());
  std::copy_n(incoming_.begin(), count, out.begin());
  incoming_ = {};
  return static_cast<int>(count);
}

void OpenSslDtls::end(DtlsEnd why) {
  if (state_ == State::Ended) return;
  state_ = State::Ended;
  events_.on_dtls_end(why);
}

bool OpenSslDtls::peer_is_expected() const {
  const std::unique_ptr<X509, OpenSslFree> certificate(SSL_get1_peer_certificate(ssl_));
  return certificate != nullptr && equal_in_constant_time(fingerprint_of(certificate.get()), expected_);
}

}  // namespace

DtlsContext::DtlsContext() : context_(SSL_CTX_new(DTLS_method())), record_(kMaxRecordBytes) {
  const bool ok = context_ != nullptr && SSL_CTX_set_min_proto_version(context_, DTLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_max_proto_version(context_, DTLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_cipher_list(context_, kCiphers) == 1 &&
                  SSL_CTX_set1_groups_list(context_, kGroups) == 1 &&
                  SSL_CTX_set1_sigalgs_list(context_, kSignatures) == 1 &&
                  SSL_CTX_set_tlsext_use_srtp(context_, kSrtpProfiles) == 0;  // this one answers 0 when all is well
  if (!ok) {
    SSL_CTX_free(context_);
    throw std::runtime_error("OpenSSL refuses the DTLS settings of a link");
  }
  SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                    SSL_OP_NO_ENCRYPT_THEN_MAC | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any_certificate);
}

DtlsContext::~DtlsContext() { SSL_CTX_free(context_); }

std::unique_ptr<Dtls> DtlsContext::make(const Certificate& certificate, DtlsEvents& events) {
  return std::make_unique<OpenSslDtls>(context_, certificate, events, record_);
}

}  // namespace footbridge::webrtc
