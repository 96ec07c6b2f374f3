// TOML text goes through toml++ 3.3 as pure ASCII and comes out as it was. That library's test for blanks runs into
// undefined behaviour on most letters beyond ASCII wherever it meets them outside of a well-formed string.
// Every byte from 0x80 and every '^' becomes '^' and two hex digits: legal inside strings and comments, where such
// bytes may stand, and an error anywhere else, as they are. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace footbridge::ops {

// Drops a byte order mark at the start.
std::string to_toml_ascii(std::string_view text);
// The inverse, for keys and values that were read.
std::string from_toml_ascii(std::string_view text);

}  // namespace footbridge::ops
