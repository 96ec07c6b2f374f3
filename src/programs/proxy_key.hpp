// The secret that a volunteer's key in each joined network is derived from (core/network/network_self.hpp); that key's
// public half is the proxy id. Kept in the state directory, file "proxy-key", 64 hexadecimal digits, mode 0600, so that
// a broker knows a volunteer that did well again.
//
// Errors: ops::UsageError when what is kept cannot be read. Where nothing can be kept, it is a new one for this
// process.
#pragma once

#include "base/rng.hpp"
#include "crypto/x25519.hpp"
#include "programs/common_options.hpp"

namespace footbridge {

crypto::X25519Secret load_proxy_secret(const LinkOptions& options, Rng& rng);

}  // namespace footbridge
