// Owners of OpenSSL's objects, without its headers: who includes this compiles as quickly as before.
// Threads: a TlsContext may be shared (its count is atomic); a TlsState belongs to one thread at a time.
#pragma once

#include <memory>

// OpenSSL's own names for its types.
struct ssl_st;
struct ssl_ctx_st;

namespace footbridge::io {

struct FreeTls {
  void operator()(ssl_st* state) const;
  void operator()(ssl_ctx_st* context) const;
};
using TlsState = std::unique_ptr<ssl_st, FreeTls>;        // of one connection
using TlsContext = std::unique_ptr<ssl_ctx_st, FreeTls>;  // certificates, trust, settings

}  // namespace footbridge::io
