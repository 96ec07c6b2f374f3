// The page that shows a network, as `npm run build` in web/ makes it: the files of one folder whose names begin with
// "netstate", and nothing else of it; netstate.html is also what "/" shows. Without the folder a page that says how to
// build it. All of it is public: what it shows is asked for separately.
// Errors: ops::UsageError names --web and the folder. Threads: any; a value.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ops/values.hpp"
#include "transport/http/site.hpp"

namespace footbridge::netstate {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Of everything that is served to viewers: no script but ours, no other server, in nobody's frame, kept by nobody.
Headers viewer_headers();

// nullopt: find_web_pages(), if netstate.html is there.
http::Site page_files(const std::optional<ops::FilePath>& folder);

}  // namespace footbridge::netstate
