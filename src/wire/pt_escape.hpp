// Backslash escapes as the pluggable-transport specification uses them: `\` before a byte takes its special meaning
// away, whatever the byte is. Which bytes are special differs from place to place: `;` and `\` in what tor puts into
// SOCKS, `=`, `,` and `\` in the ARGS of an SMETHOD line, `:`, `;` and `\` in a server's options.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace footbridge::wire {

// `special` names the bytes that get a backslash; it must contain the backslash itself, or the text cannot be read
// again.
std::string escape_pt(std::string_view text, std::string_view special);

// Takes the front of `text` up to the first of `ends` that is not escaped, or all of it, and answers it without its
// escapes; the end itself stays. nullopt: a backslash with nothing behind it; `text` is then unchanged.
std::optional<std::string> take_pt_text(std::string_view& text, std::string_view ends);

}  // namespace footbridge::wire
