// Base32 of RFC 4648 §6 in lower case without padding: for texts that people paste, read aloud or type. No character of
// it means anything to a chat program, and letter case may change on the way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace footbridge {

std::string encode_base32(ByteView bytes);
// nullopt: a foreign character, an impossible length, or set bits after the last byte. Both letter cases are read.
std::optional<Bytes> parse_base32(std::string_view text);

// How many characters so many bytes take.
constexpr std::size_t base32_chars(std::size_t bytes) { return (8 * bytes + 4) / 5; }
bool is_base32(char c);

}  // namespace footbridge
