// Reads quantities as people write them in specifications ("10 s", "64 KiB", "0x40") and as C++ does
// (Seconds{10}, 64 * 1024, 4U << 20, kOther), so that the two can be compared. Durations become milliseconds,
// sizes bytes, everything else a plain number. nullopt: not a single quantity ("80–600 ms"), or C++ beyond this.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace footbridge::policy {

std::optional<double> parse_spec_quantity(std::string_view text);

// The value of the constant of this name, if there is exactly one.
using Lookup = std::function<std::optional<double>(std::string_view name)>;

std::optional<double> parse_cpp_quantity(std::string_view expression, const Lookup& lookup);

}  // namespace footbridge::policy
