#include "transport/webrtc/certificate.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <stdexcept>

#include "base/assert.hpp"

namespace footbridge::webrtc {
namespace {

constexpr int kSerialBits = 64;                   // as libwebrtc draws them
constexpr long kBackdateSeconds = 24L * 60 * 60;  // clocks differ; browsers backdate by a day too
constexpr long kLifetimeSeconds = 30L * 24 * 60 * 60;

void require(bool ok) {
  if (!ok) throw std::runtime_error("cannot make a DTLS certificate");
}

void set_random_serial(X509* certificate) {
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> serial(BN_new(), &BN_free);
  require(serial != nullptr && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
          BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr);
}

}  // namespace

Certificate Certificate::make() {
  Certificate out;
  out.key_.reset(EVP_EC_gen("P-256"));
  out.x509_.reset(X509_new());
  require(out.key_ != nullptr && out.x509_ != nullptr);
  auto* const certificate = out.x509_.get();
  require(X509_set_version(certificate, X509_VERSION_3) == 1);
  set_random_serial(certificate);
  require(X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdateSeconds) != nullptr);
  require(X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetimeSeconds) != nullptr);
  auto* const subject = X509_get_subject_name(certificate);
  constexpr unsigned char kName[] = "WebRTC";
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1);
  require(X509_set_issuer_name(certificate, subject) == 1);
  require(X509_set_pubkey(certificate, out.key_.get()) == 1);
  require(X509_sign(certificate, out.key_.get(), EVP_sha256()) > 0);
  out.fingerprint_ = fingerprint_of(certificate);
  return out;
}

wire::Sha256Fingerprint fingerprint_of(const X509* certificate) {
  wire::Sha256Fingerprint out{};
  unsigned length = 0;
  require(X509_digest(certificate, EVP_sha256(), as_u8(ByteSpan(out)), &length) == 1);
  FB_ASSERT(length == out.size());
  return out;
}

}  // namespace footbridge::webrtc
