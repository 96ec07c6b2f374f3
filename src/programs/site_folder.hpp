// A folder of files as the pages of a web site. Everything is read at once and held in memory: what is not in the table
// is not there, whatever is asked for. Bounds: below. Errors: ops::UsageError names the option and the folder. Any
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ops/values.hpp"
#include "transport/http/site.hpp"

namespace footbridge {

// A site of a few pages; all of it is held in memory.
inline constexpr std::size_t kMaxSitePages = 256;
inline constexpr std::size_t kMaxPageBytes = 1024 * 1024;
inline constexpr std::size_t kMaxSiteBytes = 8 * 1024 * 1024;

using SitePages = std::map<std::string, http::Site::Page>;

// By their paths in the folder, which begin with '/'.
SitePages read_site_folder(std::string_view option, const ops::FilePath& folder);

// nullopt: it cannot be read, or is longer than that.
std::optional<std::string> read_whole(const std::string& file, std::size_t most_bytes);

}  // namespace footbridge
