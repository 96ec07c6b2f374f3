#include "io/tls_server.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <new>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <utility>

#include "base/assert.hpp"
#include "io/tls_state.hpp"

namespace footbridge::io {
namespace {

// What a web server without HTTP/2 knows.
constexpr std::array<unsigned char, 27> kAlpn{8,   'h', 't', 't', 'p', '/', '1', '.', '1', 8,   'h', 't', 't', 'p',
                                              '/', '1', '.', '0', 8,   'h', 't', 't', 'p', '/', '0', '.', '9'};

struct FreeAny {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeAny>;

Owned<BIO> reading(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
                void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, size, kAlpn.data(), kAlpn.size(), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int no_password(char*, int, int, void*) { return -1; }  // never ask a terminal

void use_certificates(ssl_ctx_st& context, const std::string& pem) {
  const auto bio = reading(pem);
  const Owned<X509> own(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (own == nullptr) throw TlsCertificateError("there is no certificate in PEM form in it");
  if (SSL_CTX_use_certificate(&context, own.get()) != 1)
    throw TlsCertificateError("its certificate is too weak for TLS of today");
  while (Owned<X509> above{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)})
    if (SSL_CTX_add1_chain_cert(&context, above.get()) != 1)
      throw TlsCertificateError("a certificate above the first is too weak for TLS of today");
}

void use_key(ssl_ctx_st& context, const std::string& pem) {
  const auto bio = reading(pem);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) throw TlsCertificateError("there is no private key in PEM form, without password, in it");
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1 || SSL_CTX_check_private_key(&context) != 1)
    throw TlsCertificateError("the key is not that of the certificate");
}

UnixSeconds unix_seconds(const ASN1_TIME* at) {
  std::tm parts{};
  FB_ASSERT(ASN1_TIME_to_tm(at, &parts) == 1);
  return UnixSeconds{static_cast<std::uint64_t>(std::max<std::time_t>(::timegm(&parts), 0))};
}

struct Made {
  TlsContext context;
  UnixSeconds valid_until;
};

Made make(const TlsPair& pair, UnixSeconds now) {
  Made out{TlsContext(SSL_CTX_new(TLS_server_method())), {}};
  if (out.context == nullptr) throw std::bad_alloc();
  apply_common_settings(*out.context);
  SSL_CTX_set_alpn_select_cb(out.context.get(), choose_alpn, nullptr);
  use_certificates(*out.context, pair.certificates);
  use_key(*out.context, pair.key.reveal_to_socket());
  ERR_clear_error();
  const auto* const certificate = SSL_CTX_get0_certificate(out.context.get());
  out.valid_until = unix_seconds(X509_get0_notAfter(certificate));
  if (out.valid_until <= now) throw TlsCertificateError("its certificate has expired");
  if (now < unix_seconds(X509_get0_notBefore(certificate)))
    throw TlsCertificateError("its certificate is not valid yet; is this machine's clock right?");
  return out;
}

}  // namespace

TlsServer::TlsServer(const TlsPair& pair, UnixSeconds now) { replace(pair, now); }

void TlsServer::replace(const TlsPair& pair, UnixSeconds now) {
  auto made = make(pair, now);
  const std::lock_guard lock(mutex_);
  context_ = std::move(made.context);
  valid_until_ = made.valid_until;
}

UnixSeconds TlsServer::valid_until() const {
  const std::lock_guard lock(mutex_);
  return valid_until_;
}

TlsState TlsServer::new_state(tcp::socket& socket) const {
  const std::lock_guard lock(mutex_);
  return make_tls_state(*context_, socket);
}

asio::awaitable<std::optional<ByteSocket>> TlsServer::shake_hands(tcp::socket socket) {
  auto state = new_state(socket);
  SSL_set_accept_state(state.get());
  ByteSocket secured(std::move(socket), std::move(state));
  if (!co_await io::shake_hands(secured)) co_return std::nullopt;
  co_return std::move(secured);
}

}  // namespace footbridge::io
