// "did you mean": the known name closest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace footbridge::ops {

// By edit distance, a swap of neighbours counting once; nullopt when nothing is closer than a third of the length.
std::optional<std::string> nearest(std::string_view mistyped, std::span<const std::string> known);

// "; did you mean NAME?", or nothing.
std::string did_you_mean(std::string_view mistyped, std::span<const std::string> known);

}  // namespace footbridge::ops
