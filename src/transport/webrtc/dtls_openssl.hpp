// DTLS 1.2 by OpenSSL behind the seam of dtls.hpp. Never sends HelloVerifyRequest (a known blocking rule) and offers
// Chromium's DTLS 1.2 suites, groups and signature algorithms in its order, AES-128-GCM first.
// One DtlsContext per engine; it must outlive the Dtls objects it makes.
#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <vector>

#include "transport/webrtc/certificate.hpp"
#include "transport/webrtc/dtls.hpp"

namespace footbridge::webrtc {

class DtlsContext {
 public:
  DtlsContext();  // throws std::runtime_error when OpenSSL refuses its settings
  ~DtlsContext();
  DtlsContext(const DtlsContext&) = delete;
  DtlsContext& operator=(const DtlsContext&) = delete;

  // `events` must outlive the result.
  std::unique_ptr<Dtls> make(const Certificate& certificate, DtlsEvents& events);

 private:
  SSL_CTX* context_ = nullptr;
  std::vector<std::byte> record_;  // where records are decrypted; one thread, never two reads at once
};

}  // namespace footbridge::webrtc
