// The marks by which People tells persons apart: of each public address of an offer a keyed hash, so that none is kept
// as it is; of an IPv6 address its /64, because a device changes the rest. Private addresses are half the world's, and
// tell nobody apart. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/private.hpp"
#include "core/limits/people.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::core {

// At most kMaxMarks. `key` is of this run only.
std::vector<PersonMark> person_marks(const Private<std::string>& offer, const crypto::SecretKey& key);

}  // namespace footbridge::core
