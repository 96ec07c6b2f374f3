#include "io/certificate_key.hpp"

#include <memory>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/bytes.hpp"

namespace footbridge::io {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};

static_assert(wire::SpkiSha256::kBytes == SHA256_DIGEST_LENGTH);

}  // namespace

std::optional<wire::SpkiSha256> key_hash(const X509* certificate) {
  if (certificate == nullptr) return std::nullopt;
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const std::unique_ptr<unsigned char, Free> owner(der);
  if (length <= 0) return std::nullopt;
  wire::SpkiSha256 out;
  SHA256(der, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(out.raw.data()));
  return out;
}

bool has_key(const X509* certificate, const wire::SpkiSha256& pin) {
  const auto hash = key_hash(certificate);
  return hash && *hash == pin;
}

std::optional<wire::SpkiSha256> key_to_pin(const std::string& pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, Free> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return std::nullopt;
  if (X509_NAME_cmp(X509_get_subject_name(certificate.get()), X509_get_issuer_name(certificate.get())) != 0)
    return std::nullopt;
  return key_hash(certificate.get());
}

}  // namespace footbridge::io
