#include "core/network/directory_chain.hpp"

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

Bytes statement(std::string_view context, ByteView body) {
  auto out = to_bytes(context);
  append(out, body);
  return out;
}

template <class Key>
bool verify(const Key& key, std::string_view context, ByteView body, const wire::NetworkSignature& signature) {
  return crypto::ed25519_verify({key.raw}, statement(context, body), {signature.raw});
}

wire::NetworkSignature sign(const crypto::Ed25519KeyPair& key, std::string_view context, ByteView body) {
  return {key.sign(statement(context, body)).raw};
}

}  // namespace

Result<wire::Certificate, DirectoryRefusal> open_certificate(const wire::RootKey& root,
                                                             const wire::SignedCertificate& certificate) {
  if (!verify(root, kCertificateContext, certificate.certificate, certificate.signature))
    return DirectoryRefusal::Foreign;
  const auto read = wire::parse_certificate(certificate.certificate);
  if (!read || read->valid.length() == 0) return DirectoryRefusal::Malformed;
  return *read;
}

Result<OpenedDirectory, DirectoryRefusal> open_directory(const wire::RootKey& root, ByteView signed_directory) {
  const auto parts = wire::parse_signed_directory(signed_directory);
  if (!parts) return DirectoryRefusal::Malformed;
  const auto certificate = open_certificate(root, parts->certificate);
  if (!certificate) return certificate.error();
  if (!verify(certificate->directory_key, kDirectoryContext, parts->directory, parts->signature))
    return DirectoryRefusal::Forged;
  auto directory = wire::parse_directory(parts->directory);
  if (!directory || directory->valid.length() == 0) return DirectoryRefusal::Malformed;
  return OpenedDirectory{*certificate, std::move(*directory)};
}

wire::SignedCertificate sign_certificate(const crypto::Ed25519KeyPair& root, const wire::Certificate& certificate) {
  auto body = wire::encode_certificate(certificate);
  const auto signature = sign(root, kCertificateContext, body);
  return {std::move(body), signature};
}

Bytes sign_directory(const crypto::Ed25519KeyPair& directory_key, const wire::SignedCertificate& certificate,
                     const wire::Directory& directory) {
  auto body = wire::encode_directory(directory);
  const auto signature = sign(directory_key, kDirectoryContext, body);
  return wire::encode_signed_directory({certificate, std::move(body), signature});
}

wire::RootKey root_key(const crypto::Ed25519KeyPair& root) { return {root.public_key().raw}; }

std::string_view name(DirectoryRefusal refusal) {
  switch (refusal) {
    case DirectoryRefusal::Malformed: return "malformed";
    case DirectoryRefusal::Foreign: return "foreign";
    case DirectoryRefusal::Forged: return "forged";
    case DirectoryRefusal::Expired: return "expired";
    case DirectoryRefusal::NotYetValid: return "not-yet-valid";
    case DirectoryRefusal::TooLong: return "too-long";
    case DirectoryRefusal::CertificateExpired: return "certificate-expired";
    case DirectoryRefusal::CertificateTooLong: return "certificate-too-long";
    case DirectoryRefusal::Backwards: return "backwards";
    case DirectoryRefusal::Superseded: return "superseded";
    case DirectoryRefusal::Conflict: return "conflict";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
