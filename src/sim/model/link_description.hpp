// What the ends of a link tell each other in the model: real session descriptions, in which the credentials say who it
// is (a client, or the link that a proxy has made). The address outside is of the documentation's network; the one at
// home is private, and goes through the filter of real programs, which leaves it out (P5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footbridge::sim::model {

std::string offer_text(std::uint64_t client, std::uint32_t outside_host);
std::string answer_text(std::uint64_t link, std::uint32_t outside_host);
// Of a client or a link; nullopt: not a description of ours.
std::optional<std::uint64_t> number_in(std::string_view description);

}  // namespace footbridge::sim::model
