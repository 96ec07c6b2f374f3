// Text forms of bytes: lower-case hex, and base64url without padding (RFC 4648 §5) for tokens in URLs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace footbridge {

std::string encode_hex(ByteView bytes);
// nullopt: odd length or a character that is not a hex digit. Both letter cases are read.
std::optional<Bytes> parse_hex(std::string_view text);

std::string encode_base64url(ByteView bytes);
// nullopt: a foreign character, padding, an impossible length, or set bits after the last byte (one text per value).
std::optional<Bytes> parse_base64url(std::string_view text);

}  // namespace footbridge
