// CipherState of Noise (revision 34 §5.1): one direction's key and the number of the next message under it. Without a
// key messages pass as they are. The number is not sent; both ends count. It reaches kRekeyNonce in no life of a
// program: writing there is our bug, reading there is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto::noise {

inline constexpr std::uint64_t kRekeyNonce = UINT64_MAX;  // reserved by Noise: no message ever has it

class CipherState {
 public:
  CipherState() = default;
  explicit CipherState(const SecretKey& key) : key_(key) {}
  // A copy would use each number a second time, for something else: what was moved from has no key.
  CipherState(CipherState&& other) noexcept
      : key_(std::exchange(other.key_, std::nullopt)), nonce_(std::exchange(other.nonce_, 0)) {}
  CipherState& operator=(CipherState&& other) noexcept {
    key_ = std::exchange(other.key_, std::nullopt);
    nonce_ = std::exchange(other.nonce_, 0);
    return *this;
  }
  ~CipherState() = default;

  bool has_key() const { return key_.has_value(); }
  std::uint64_t nonce() const { return nonce_; }

  // Uses nonce(), which then is one more.
  Bytes encrypt(ByteView associated, ByteView plaintext);
  // The same; nullopt leaves nonce() where it is.
  std::optional<Bytes> decrypt(ByteView associated, ByteView sealed);
  // For messages that come in any order: nonce() plays no part. Needs a key.
  std::optional<Bytes> decrypt_at(std::uint64_t nonce, ByteView associated, ByteView sealed) const;
  // Goes on under a key that follows from this one and from which this one does not (§4.2). Needs a key; nonce() stays.
  void rekey();
  // A key for another use: follows from this one and `label`, and neither this one nor a key of another label follows
  // from it. Needs a key; nothing changes.
  SecretKey derive(ByteView label) const;

 private:
  std::optional<SecretKey> key_;
  std::uint64_t nonce_ = 0;
};

}  // namespace footbridge::crypto::noise
