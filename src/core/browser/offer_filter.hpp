// What of a client's offer a browser is given. Its own stack would try every candidate that it reads, addresses of the
// volunteer's home network included, so that it never reads those (wire/ice_candidate_filter.hpp). Written anew: of
// what came, nothing reaches the browser but what our parser understood. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/private.hpp"
#include "base/rng.hpp"

namespace footbridge::core {

// nullopt: no offer of a link. One that is left without candidates is still one: its sender may reach us.
// `rng`: the number of its o= line.
std::optional<Private<std::string>> usable_offer(const Private<std::string>& offer, bool allow_private, Rng& rng);

}  // namespace footbridge::core
