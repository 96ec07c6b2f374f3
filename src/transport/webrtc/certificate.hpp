// The self-signed certificate of one link, of the shape browsers make: ECDSA P-256, CN=WebRTC, 30 days, random serial.
// Each link gets its own, so that two links of one person cannot be joined by their fingerprints.
#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "wire/sdp.hpp"

namespace footbridge::webrtc {

struct OpenSslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

class Certificate {
 public:
  // Throws std::runtime_error when the library has no randomness or no P-256.
  static Certificate make();

  X509* x509() const { return x509_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  const wire::Sha256Fingerprint& fingerprint() const { return fingerprint_; }

 private:
  std::unique_ptr<EVP_PKEY, OpenSslFree> key_;
  std::unique_ptr<X509, OpenSslFree> x509_;
  wire::Sha256Fingerprint fingerprint_{};
};

wire::Sha256Fingerprint fingerprint_of(const X509* certificate);

}  // namespace footbridge::webrtc
