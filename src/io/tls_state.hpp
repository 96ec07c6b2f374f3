// Makes TLS for one connection out of a context: on the connection's descriptor, and without SIGPIPE (OpenSSL's own way
// to a descriptor raises it when the peer has gone).
//
// Errors: std::bad_alloc; OpenSSL has no other reason to refuse. Threads: any.
#pragma once

#include "io/asio.hpp"
#include "io/openssl.hpp"

namespace footbridge::io {

// What an idle connection's buffers cost is given back meanwhile; busy ones read several records at once.
inline constexpr std::size_t kTlsReadBytes = 64 * 1024;

// `context` is not kept: its own count is.
TlsState make_tls_state(ssl_ctx_st& context, tcp::socket& socket);

// What both ends share: TLS 1.2 at least, HTTP/1.1, nothing renegotiated, nothing compressed.
void apply_common_settings(ssl_ctx_st& context);

}  // namespace footbridge::io
