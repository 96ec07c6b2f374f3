#include "io/tls_state.hpp"

#include <cerrno>
#include <cstdint>
#include <new>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace footbridge::io {
namespace {

// The descriptor itself stands where OpenSSL keeps a pointer to a BIO's state.
int descriptor_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }
void set_descriptor(BIO* bio, int descriptor) {
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));  // NOLINT: see above
}

bool is_temporary() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && is_temporary()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto read = ::recv(descriptor_of(bio), into, static_cast<std::size_t>(size), 0);
  if (read < 0 && is_temporary()) BIO_set_retry_read(bio);
  return static_cast<int>(read);
}

// Nothing is held back here, so a flush has always succeeded already.
long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const method = [] {
    auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

TlsState make_tls_state(ssl_ctx_st& context, tcp::socket& socket) {
  TlsState state(SSL_new(&context));
  auto* const bio = state ? BIO_new(bio_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  set_descriptor(bio, socket.native_handle());
  BIO_set_init(bio, 1);
  SSL_set_bio(state.get(), bio, bio);
  return state;
}

void apply_common_settings(ssl_ctx_st& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(&context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(&context, 1);
  SSL_CTX_set_default_read_buffer_len(&context, kTlsReadBytes);
}

}  // namespace footbridge::io
