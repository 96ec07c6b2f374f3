// The key that a volunteer is known by in a joined network: X25519, and its public key is the proxy id. Kept in the
// state directory, file "proxy-key", 64 hexadecimal digits, mode 0600, so that a broker knows a volunteer that did well
// again.
//
// Errors: ops::UsageError when what is kept cannot be read. Where nothing can be kept, it is a new one for this
// process.
#pragma once

#include "base/rng.hpp"
#include "crypto/x25519.hpp"
#include "programs/common_options.hpp"

namespace footbridge {

crypto::X25519KeyPair load_proxy_key(const LinkOptions& options, Rng& rng);

}  // namespace footbridge
