// Who an installation is in one network (spec 11 §9). It keeps one self-tag and one proxy key; a network is shown what
// is derived from them and from the network's root, so that the brokers of two networks cannot find out together that
// it is the same installation. Pure; any thread.
#pragma once

#include <string_view>

#include "base/id.hpp"
#include "crypto/x25519.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

inline constexpr std::string_view kSelfTagContext{"footbridge self tag of a network 1\0", 35};
inline constexpr std::string_view kProxyKeyContext{"footbridge proxy key of a network 1\0", 36};

SelfTag self_tag_in(const wire::RootKey& root, const SelfTag& kept);
crypto::X25519KeyPair proxy_key_in(const wire::RootKey& root, const crypto::X25519Secret& kept);

}  // namespace footbridge::core
