// The chain of a network's truth: the root certifies a directory key, the directory key signs the directory. Signing
// for operators, checking for everybody else. Time is not looked at here, see directory_keeper.hpp. Pure; any thread.
//
// What is signed is a context, a zero byte, and the bytes exactly as they travel: nothing that was signed for one
// purpose can be shown for the other. Ed25519, verified strictly (crypto/ed25519.hpp).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/ed25519.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

inline constexpr std::string_view kCertificateContext{"footbridge certificate 1\0", 25};
inline constexpr std::string_view kDirectoryContext{"footbridge directory 1\0", 23};

// Why a directory is not taken. For people who find one in a log it says whose business it is.
enum class DirectoryRefusal : std::uint8_t {
  Malformed,           // not our format, or a bound is broken: whoever made it has to mend it
  Foreign,             // its certificate is not signed by our root: it belongs to another network, or is forged
  Forged,              // not signed by the certified key: it was changed on the way, or is forged
  Expired,             // its time is over: ask somebody else, or look at the clock
  NotYetValid,         // its time has not come: look at the clock
  TooLong,             // valid for longer than any may be, or than its certificate: its operator has to mend it
  CertificateExpired,  // the directory key's time is over: its operator has to certify a new one
  CertificateTooLong,  // the same, for the certificate
  Backwards,           // we know a later one: keep that
  Superseded,          // its certificate was replaced by one that we know: its key may be stolen
  Conflict,            // another one of the same number: the key is used twice, or stolen; keep what we have
};
std::string_view name(DirectoryRefusal refusal);

struct OpenedDirectory {
  wire::Certificate certificate;
  wire::Directory directory;
};

// Malformed, Foreign or Forged; nothing of it is believed before both signatures are right.
Result<OpenedDirectory, DirectoryRefusal> open_directory(const wire::RootKey& root, ByteView signed_directory);
// The same for a certificate alone: Malformed or Foreign.
Result<wire::Certificate, DirectoryRefusal> open_certificate(const wire::RootKey& root,
                                                             const wire::SignedCertificate& certificate);

wire::SignedCertificate sign_certificate(const crypto::Ed25519KeyPair& root, const wire::Certificate& certificate);
// May be larger than kMaxSignedDirectoryBytes: the caller looks.
Bytes sign_directory(const crypto::Ed25519KeyPair& directory_key, const wire::SignedCertificate& certificate,
                     const wire::Directory& directory);

wire::RootKey root_key(const crypto::Ed25519KeyPair& root);

}  // namespace footbridge::core
