// PageReporter: what a page needs to tell netstate how it is (spec 18), as `footbridge network reporter --role page`
// prints it for a config.json. Everybody who looks at the page can read it. A value; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/private.hpp"
#include "ops/values.hpp"

namespace footbridge {

struct PageReporter {
  Private<std::string> url;     // where reports go
  Private<std::string> config;  // a JSON object: `netstate` of config.json
};

// A page refuses a configuration that is wrong in any part, and would then help nobody: so this lets nothing through
// that a page would not take. `on_one_machine`: for pages that may reach what is private there, netstate at http://
// too. Throws ops::UsageError: there is no such file, or not with that in it.
PageReporter read_page_reporter(std::string_view option, const ops::FilePath& file, bool on_one_machine);

}  // namespace footbridge
