#include "io/tls_client.hpp"

#include <array>
#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <utility>

#include "base/address.hpp"
#include "base/assert.hpp"
#include "io/certificate_key.hpp"
#include "io/tls_state.hpp"

namespace footbridge::io {
namespace {

constexpr std::array<unsigned char, 9> kAlpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

TlsErrc errc_of_certificate(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return TlsErrc::Expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return TlsErrc::NotYetValid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return TlsErrc::WrongName;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED: return TlsErrc::UnknownIssuer;
    default: return TlsErrc::Unacceptable;
  }
}

TlsErrc errc_of_handshake(ssl_st* state, bool pinned) {
  if (const long verdict = SSL_get_verify_result(state); verdict != X509_V_OK && !pinned)
    return errc_of_certificate(verdict);
  const auto why = ERR_peek_last_error();
  const bool broke = why == 0 || ERR_GET_REASON(why) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return broke ? TlsErrc::Lost : TlsErrc::NoTls;
}

// Both ends of "checked": the name that goes out and the name that must come back.
bool expect_name(ssl_st* state, const std::string& name) {
  auto* const wanted = SSL_get0_param(state);
  if (IpAddress::parse(name)) return X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1;
  SSL_set_hostflags(state, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(state, name.c_str()) == 1 && SSL_set_tlsext_host_name(state, name.c_str()) == 1;
}

}  // namespace

std::string_view name(TlsErrc error) {
  switch (error) {
    case TlsErrc::Expired: return "certificate-expired";
    case TlsErrc::NotYetValid: return "certificate-not-yet-valid";
    case TlsErrc::WrongName: return "certificate-wrong-name";
    case TlsErrc::UnknownIssuer: return "certificate-unknown-issuer";
    case TlsErrc::Unacceptable: return "certificate-unacceptable";
    case TlsErrc::WrongKey: return "certificate-wrong-key";
    case TlsErrc::NoTls: return "no-tls";
    case TlsErrc::Lost: return "lost";
  }
  FB_ASSERT(false);
}

std::string_view advice(TlsErrc error) {
  switch (error) {
    case TlsErrc::Expired:
      return "the server's certificate has expired; is this machine's clock right? Then its operator has to renew it";
    case TlsErrc::NotYetValid: return "the server's certificate is not valid yet; is this machine's clock right?";
    case TlsErrc::WrongName:
      return "the server's certificate is for another name; is the address right? Otherwise somebody is in between";
    case TlsErrc::UnknownIssuer:
      return "nobody whom this machine trusts vouches for the server's certificate; if the network is private, name "
             "its authority, otherwise somebody is in between";
    case TlsErrc::Unacceptable: return "the server's certificate is not acceptable; tell its operator";
    case TlsErrc::WrongKey:
      return "the server's key is not the one that the network names; somebody is in between, or it has another key "
             "now";
    case TlsErrc::NoTls: return "what answers there does not speak TLS as we do; is the address right?";
    case TlsErrc::Lost: return "the connection broke while it was being secured; something in between may have cut it";
  }
  FB_ASSERT(false);
}

TlsClient::TlsClient(const std::optional<std::string>& authorities) : context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
  apply_common_settings(*context_);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  FB_ASSERT(SSL_CTX_set_alpn_protos(context_.get(), kAlpn.data(), kAlpn.size()) == 0);
  const bool found = authorities ? SSL_CTX_load_verify_file(context_.get(), authorities->c_str()) == 1
                                 : SSL_CTX_set_default_verify_paths(context_.get()) == 1;
  ERR_clear_error();
  if (!found) throw TlsTrustError("it cannot be read, or holds no certificate in PEM form");
}

// A server with another key has seen our half of the handshake then, and nothing else.
asio::awaitable<Result<ByteSocket, TlsErrc>> TlsClient::shake_hands(tcp::socket socket, Private<std::string> name,
                                                                    std::optional<wire::SpkiSha256> pin) {
  auto state = make_tls_state(*context_, socket);
  auto* const raw = state.get();
  if (!expect_name(raw, name.reveal_to_socket())) co_return TlsErrc::WrongName;
  if (pin) SSL_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  SSL_set_connect_state(raw);
  ByteSocket secured(std::move(socket), std::move(state));
  if (!co_await io::shake_hands(secured)) co_return errc_of_handshake(raw, pin.has_value());
  if (pin && !has_key(SSL_get0_peer_certificate(raw), *pin)) co_return TlsErrc::WrongKey;
  co_return std::move(secured);
}

}  // namespace footbridge::io
