// Certificates for tests: an authority of our own, and whatever it signs, made anew for each test. TEST CODE.
#pragma once

#include <fstream>
#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

#include "io/tls_server.hpp"

namespace footbridge::test {

struct FreeTestCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using CertificatePart = std::unique_ptr<T, FreeTestCertificate>;

struct Wanted {
  std::string names = "IP:127.0.0.1,DNS:localhost";  // subjectAltName
  long valid_from = -3600;                           // seconds from now
  long valid_until = 3600;
  bool by_itself = false;  // signed by its own key instead of the authority's
};

class Authority {
 public:
  Authority() : key_(EVP_EC_gen("P-256")), own_(make("Test Authority", *key_, {.names = {}}, nullptr)) {}

  std::string pem() const { return pem_of(*own_); }
  // In a file that lives as long as this.
  std::string write_to(const std::string& directory) const {
    const auto path = directory + "/authority.pem";
    std::ofstream(path) << pem();
    return path;
  }
  io::TlsPair sign(const Wanted& wanted = {}) const {
    const CertificatePart<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const auto leaf = make("Test Server", *key, wanted, wanted.by_itself ? nullptr : this);
    const CertificatePart<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {pem_of(*leaf), Private(text_of(*bio))};
  }

 private:
  static std::string text_of(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return {data, static_cast<std::size_t>(size)};
  }
  static std::string pem_of(X509& certificate) {
    const CertificatePart<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), &certificate);
    return text_of(*bio);
  }
  static void extend(X509& certificate, X509& issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static CertificatePart<X509> make(const std::string& subject, EVP_PKEY& key, const Wanted& wanted,
                                    const Authority* by) {
    static long serial = 1;
    CertificatePart<X509> out(X509_new());
    X509_set_version(out.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(out.get()), wanted.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(out.get()), wanted.valid_until);
    X509_set_pubkey(out.get(), &key);
    const auto* const text = reinterpret_cast<const unsigned char*>(subject.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC, text, -1, -1, 0);
    auto& issuer = by != nullptr ? *by->own_ : *out;
    X509_set_issuer_name(out.get(), X509_get_subject_name(&issuer));
    const bool authority = wanted.names.empty();
    extend(*out, issuer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!authority) extend(*out, issuer, NID_subject_alt_name, wanted.names);
    X509_sign(out.get(), by != nullptr ? by->key_.get() : &key, EVP_sha256());
    return out;
  }

  CertificatePart<EVP_PKEY> key_;
  CertificatePart<X509> own_;
};

}  // namespace footbridge::test
