// The second wall behind Private<T>: text that looks like an IPv4 or IPv6 address or a host name is replaced by
// "[scrubbed]". It errs on the side of eating too much; names of our own files (x.toml, x.pem) pass.
// Pure function; linear in the length of the text.
#pragma once

#include <string>
#include <string_view>

namespace footbridge::observe {

inline constexpr std::string_view kScrubbed = "[scrubbed]";

std::string scrub(std::string_view text);

}  // namespace footbridge::observe
