#include "quic/identity.hpp"

#include <algorithm>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/encoding.hpp"

namespace footbridge::quic {

std::optional<SpkiPin> SpkiPin::from(ByteView bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  SpkiPin pin;
  std::copy(bytes.begin(), bytes.end(), pin.digest_.begin());
  return pin;
}

std::optional<SpkiPin> SpkiPin::parse_hex(std::string_view hex) {
  const auto bytes = footbridge::parse_hex(hex);
  return bytes ? from(*bytes) : std::nullopt;
}

std::string SpkiPin::to_hex() const { return encode_hex(digest_); }

std::string_view describe(IdentityErrc error) {
  switch (error) {
    case IdentityErrc::Empty: return "the key file is empty; restore it from your backup or generate a new identity";
    case IdentityErrc::TooLarge: return "the key file is larger than 16 KiB, so it is not a key; check the path";
    case IdentityErrc::NotAKey:
      return "the key file holds no readable PEM block \"PRIVATE KEY\"; it must be PKCS #8 without a passphrase";
    case IdentityErrc::NotEd25519:
      return "the key is not an Ed25519 key; footbridge egress --create makes one, where there is none";
    case IdentityErrc::Internal: return "the TLS library could not make a certificate for the key";
  }
  FB_ASSERT(false);
}

// The three GnuTLS objects of an identity, freed together. Null until made.
struct Identity::Keys {
  gnutls_x509_privkey_t key = nullptr;
  gnutls_x509_crt_t certificate = nullptr;
  gnutls_certificate_credentials_t credentials = nullptr;

  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    if (credentials) gnutls_certificate_free_credentials(credentials);
    if (certificate) gnutls_x509_crt_deinit(certificate);
    if (key) gnutls_x509_privkey_deinit(key);
  }

  // Nothing in it varies but the key: no name, no date, one serial number. Whoever sees it learns nothing more.
  bool make_certificate() {
    constexpr std::uint8_t kSerial = 1;
    constexpr time_t kAlwaysValidFrom = 0;
    if (gnutls_x509_crt_init(&certificate) != 0) return false;
    return gnutls_x509_crt_set_version(certificate, 3) == 0 && gnutls_x509_crt_set_key(certificate, key) == 0 &&
           gnutls_x509_crt_set_serial(certificate, &kSerial, sizeof kSerial) == 0 &&
           gnutls_x509_crt_set_activation_time(certificate, kAlwaysValidFrom) == 0 &&
           gnutls_x509_crt_set_expiration_time(certificate, GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION) == 0 &&
           gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA512, 0) == 0;
  }

  bool make_credentials() {
    return gnutls_certificate_allocate_credentials(&credentials) == 0 &&
           gnutls_certificate_set_x509_key(credentials, &certificate, 1, key) == 0;
  }
};

Identity::Identity(std::unique_ptr<Keys> keys, const SpkiPin& pin) : keys_(std::move(keys)), pin_(pin) {}
Identity::Identity(Identity&&) noexcept = default;
Identity& Identity::operator=(Identity&&) noexcept = default;
Identity::~Identity() = default;

Result<Identity, IdentityErrc> Identity::from_keys(std::unique_ptr<Keys> keys) {
  if (!keys->make_certificate() || !keys->make_credentials()) return IdentityErrc::Internal;
  std::array<std::byte, SpkiPin::kBytes> digest{};
  std::size_t digest_bytes = digest.size();
  if (gnutls_x509_privkey_get_key_id(keys->key, GNUTLS_KEYID_USE_SHA256, as_u8(ByteSpan(digest)), &digest_bytes) != 0 ||
      digest_bytes != digest.size())
    return IdentityErrc::Internal;
  return Identity(std::move(keys), SpkiPin(digest));
}

Result<Identity, IdentityErrc> Identity::generate() {
  auto keys = std::make_unique<Keys>();
  if (gnutls_x509_privkey_init(&keys->key) != 0) return IdentityErrc::Internal;
  const auto bits = static_cast<unsigned>(GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519));
  if (gnutls_x509_privkey_generate(keys->key, GNUTLS_PK_EDDSA_ED25519, bits, 0) != 0) return IdentityErrc::Internal;
  return from_keys(std::move(keys));
}

Result<Identity, IdentityErrc> Identity::parse_pem(ByteView pem) {
  if (pem.empty()) return IdentityErrc::Empty;
  if (pem.size() > kMaxPemBytes) return IdentityErrc::TooLarge;
  auto keys = std::make_unique<Keys>();
  if (gnutls_x509_privkey_init(&keys->key) != 0) return IdentityErrc::Internal;
  // GnuTLS 3.7 compares words of another format beyond the end of what it is given: a zero there ends that.
  std::vector<unsigned char> ended;
  ended.reserve(pem.size() + 1);
  ended.assign(as_u8(pem), as_u8(pem) + pem.size());
  ended.push_back(0);
  const gnutls_datum_t datum{ended.data(), static_cast<unsigned>(pem.size())};
  const int imported = gnutls_x509_privkey_import2(keys->key, &datum, GNUTLS_X509_FMT_PEM, nullptr, 0);
  gnutls_memset(ended.data(), 0, ended.size());
  if (imported != 0) return IdentityErrc::NotAKey;
  if (gnutls_x509_privkey_get_pk_algorithm(keys->key) != GNUTLS_PK_EDDSA_ED25519) return IdentityErrc::NotEd25519;
  return from_keys(std::move(keys));
}

Result<Bytes, IdentityErrc> Identity::encode_pem() const {
  gnutls_datum_t pem{};
  if (gnutls_x509_privkey_export2_pkcs8(keys_->key, GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN, &pem) != 0)
    return IdentityErrc::Internal;
  auto out = to_bytes(as_bytes(pem.data, pem.size));
  gnutls_memset(pem.data, 0, pem.size);
  gnutls_free(pem.data);
  return out;
}

void* Identity::credentials() const { return keys_->credentials; }

}  // namespace footbridge::quic
