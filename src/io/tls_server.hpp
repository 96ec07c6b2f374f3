// TlsServer: a certificate with its key, and the handshake that shows it. replace() puts another pair in its place for
// connections to come; those that are open keep theirs. TLS 1.2 or later, HTTP/1.1 by ALPN, sessions may be resumed.
//
// Errors: TlsCertificateError says what is wrong with a pair, without file names or contents; what was there stays.
// Ownership: outlives the handshakes; connections live without it. Threads: any; a handshake belongs to its socket's.
#pragma once

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/private.hpp"
#include "base/time.hpp"
#include "io/byte_socket.hpp"
#include "io/openssl.hpp"

namespace footbridge::io {

struct TlsCertificateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// In PEM form; the certificate first, then those that lead to an authority.
struct TlsPair {
  std::string certificates;
  Private<std::string> key;
};

class TlsServer {
 public:
  // `now` judges whether the certificate is valid: one that is not helps nobody.
  TlsServer(const TlsPair& pair, UnixSeconds now);
  void replace(const TlsPair& pair, UnixSeconds now);
  // When the certificate that is shown now ends.
  UnixSeconds valid_until() const;

  // nullopt: it failed, and there is nobody to tell. Cancellation throws.
  asio::awaitable<std::optional<ByteSocket>> shake_hands(tcp::socket socket);

 private:
  TlsState new_state(tcp::socket& socket) const;

  mutable std::mutex mutex_;  // taken once per connection
  TlsContext context_;
  UnixSeconds valid_until_{};
};

}  // namespace footbridge::io
