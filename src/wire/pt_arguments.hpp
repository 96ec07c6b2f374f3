// The arguments of a bridge line, as a pluggable transport's client hears them with each connection:
// key=value;key=value through SOCKS (what tor does), or a JSON object of strings (method 0x09 of PT 3.0). Both become
// the same map.
//
// Strict where a guess could hurt: a key is a name of ours (letters, digits, `-`, `_`), a value printable ASCII, and a
// key given twice is refused, because nobody can tell which was meant. `=` ends a key and means nothing in a value:
// tor escapes only `;` and `\`. An error names no value; a value may be an address or a secret and is Private.
// Bounds: kMaxPtArgumentBytes as key=value;key=value whichever way they came, so that each set fits a bridge line.
// pt-spec.txt "Pluggable Transport Client Per-Connection Arguments"; PT 3.0 Dispatcher IPC §1.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

// User name and password of RFC 1929, 255 bytes each; tor refuses a longer bridge line when it reads its torrc.
inline constexpr std::size_t kMaxPtArgumentBytes = 510;
// A transport has some ten options; more names than this are not arguments of ours.
inline constexpr std::size_t kMaxPtArguments = 32;
// 510 bytes, each written as \u0041, with room for quotes, commas and a pretty printer's blanks.
inline constexpr std::size_t kMaxPtJsonBytes = 4096;

enum class PtArgumentsErrc : std::uint8_t {
  TooLong = 1,       // above kMaxPtArgumentBytes, or kMaxPtJsonBytes
  TooMany,           // above kMaxPtArguments
  NoEqualsSign,      // an argument without a value; also an empty one, as after a trailing `;`
  UnfinishedEscape,  // a backslash at the end
  BadKey,            // empty, or a character that no option's name has
  BadValue,          // not printable ASCII
  RepeatedKey,
  NotJson,     // of JSON only: not the beginning of an object, or broken on the way
  NotStrings,  // of JSON only: a value that is a number, a list, an object, true, false or null
};
// For a log line, in the operator's words: "a key is given twice".
std::string_view name(PtArgumentsErrc error);

// By key; equal sets are equal maps whatever order they were written in.
using PtArguments = std::map<std::string, Private<std::string>, std::less<>>;

// key=value;key=value with \\ \; \= (and any other byte) escaped. Empty text: no arguments.
Result<PtArguments, PtArgumentsErrc> parse_pt_arguments(std::string_view text);
// {"key": "value", …}, one object and nothing after it.
Result<PtArguments, PtArgumentsErrc> parse_pt_json_arguments(std::string_view json);

// The inverse of both, sorted by key: one text per set of arguments, good as the name of a set.
Private<std::string> encode_pt_arguments(const PtArguments& arguments);
// As the operator writes them behind a bridge line's address, "key=value key=value". nullopt: a value has a blank, `#`
// or `\`, which torrc cannot say, or all of them are more than kMaxPtArgumentBytes.
std::optional<Private<std::string>> encode_bridge_line_arguments(const PtArguments& arguments);
// What follows ARGS: in an SMETHOD line, key=value,key=value. nullopt: a value has a blank, which would end it.
std::optional<Private<std::string>> encode_smethod_arguments(const PtArguments& arguments);

}  // namespace footbridge::wire
