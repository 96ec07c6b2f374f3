// Consent: nobody lends a connection without having read who then sees what. In a terminal the program says it before
// its first start and asks; the answer is kept in the state directory (kAgreedFile), with nothing else in it. Who
// starts it otherwise, as packages and containers do, says --agreed: to install or to configure it was the answer.
#pragma once

#include <string_view>

#include "programs/proxy/volunteer_options.hpp"

namespace footbridge::proxy {

inline constexpr std::string_view kAgreedFile = "agreed-to-help";

// Throws ops::UsageError where nobody can be asked, or where the answer cannot be kept in the directory that --state-dir
// names, and ops::RunError after a no. Blocks while it asks.
void require_consent(const VolunteerOptions& options);

}  // namespace footbridge::proxy
