// The key of a certificate, as people pin it: SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4). A certificate may be
// made anew for the same key, and keeps its pin.
//
// Errors: nullopt and false where there is no key to be had. Pure; any thread.
#pragma once

#include <openssl/types.h>
#include <optional>
#include <string>

#include "wire/network.hpp"

namespace footbridge::io {

// A null certificate has no key.
std::optional<wire::SpkiSha256> key_hash(const X509* certificate);
bool has_key(const X509* certificate, const wire::SpkiSha256& pin);

// The same of the first certificate in a PEM text, if nobody but itself vouches for it: whoever asks such a server has
// to pin its key. nullopt: an authority signed it, or it cannot be read.
std::optional<wire::SpkiSha256> key_to_pin(const std::string& pem);

}  // namespace footbridge::io
