// What an egress is called in reports: the same by itself and by every volunteer that carries to it, and nothing to who
// does not have the network's salt. Egress pins are in every directory, so a hash without a key could be guessed by
// trying them all. Pure; any thread.
#pragma once

#include "crypto/secret_bytes.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge::core {

// Of one network; in each reporter's file. Who has it can tell which node of the graph an egress of the directory is,
// as pages can, whose file everybody may read: for them it is written as names, without the salt.
using NetstateSalt = crypto::SecretBytes<struct NetstateSaltTag, 32>;

inline constexpr std::string_view kEgressNameContext{"footbridge egress name 1\0", 25};

// BLAKE2b-128 of the context and the pin, keyed with the salt.
wire::EgressName egress_name(const NetstateSalt& salt, const wire::SpkiSha256& pin);

}  // namespace footbridge::core
