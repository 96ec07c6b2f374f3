// WebPages: the widget and the frame that relays, as `npm run build` in web/ makes them, for a server of ours that
// shows them: with the headers that docs/ops/widget.md asks for, the configuration of one network, and a first page
// that gives embedders their tag. The files are read once, into a table of theirs; nothing else of the folder can be
// asked for.
//
// Bounds: those of a site (site_folder.hpp). Errors: ops::UsageError names the option, the folder and the remedy.
// Threads: any; a value after it was made.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "programs/page_network.hpp"
#include "programs/site_folder.hpp"

namespace footbridge {

class WebPages {
 public:
  WebPages(std::string_view option, const ops::FilePath& folder);

  // The whole site. `base`: where its users see it, ending in '/'.
  http::Site site(const PageNetwork& network, std::string_view base) const;
  // Two lines of HTML: the script, pinned by its digest, and one widget with these attributes, which are written as
  // they are.
  std::string embed_tag(std::string_view base, std::string_view attributes = "") const;

 private:
  SitePages files_;
  std::string integrity_;  // of widget.js
};

// Where the pages are that belong to this very program: beside the folder of its build, or where it was installed.
// nullopt: nowhere, they were not built.
std::optional<ops::FilePath> find_web_pages();
inline constexpr std::string_view kBuildWebPages = "scripts/setup build web && scripts/web";

// Text inside an element or a quoted attribute.
std::string html_text(std::string_view text);

}  // namespace footbridge
