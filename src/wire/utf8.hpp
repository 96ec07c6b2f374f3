// Is this UTF-8 (RFC 3629)? No overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include "base/bytes.hpp"

namespace footbridge::wire {

bool is_utf8(ByteView text);

}  // namespace footbridge::wire
