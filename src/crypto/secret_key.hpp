// A 32-byte symmetric key: of an AEAD, of a MAC, a cookie.
#pragma once

#include "crypto/secret_bytes.hpp"

namespace footbridge::crypto {

using SecretKey = SecretBytes<struct SecretKeyTag, 32>;

}  // namespace footbridge::crypto
