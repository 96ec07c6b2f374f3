#include "programs/netstate/page_files.hpp"

#include <filesystem>
#include <map>
#include <string_view>

#include "ops/errors.hpp"
#include "programs/site_folder.hpp"
#include "programs/web_pages.hpp"

namespace footbridge::netstate {
namespace {

constexpr std::string_view kOurs = "/netstate";
constexpr std::string_view kPage = "/netstate.html";

http::Site unbuilt_page() {
  http::Site::Page page{
      "text/html",
      to_bytes("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>netstate</title>\n"
               "<h1>netstate</h1>\n<p>The page that draws the network is not built: run "
               "<code>" +
               std::string(kBuildWebPages) +
               "</code>.</p>\n<p>What it draws is at <a href=\"/snapshot.json\">/snapshot.json</a>, "
               "<a href=\"/snapshot.dot\">/snapshot.dot</a> and <a "
               "href=\"/series.json?hours=1\">/series.json</a>.</p>\n</html>\n"),
      UnixSeconds{}, viewer_headers()};
  return http::Site({{"/index.html", std::move(page)}});
}

}  // namespace

Headers viewer_headers() {
  return {{"Cache-Control", "no-store"},
          {"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; img-src "
           "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
           "trusted-types footbridge-worker"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Referrer-Policy", "no-referrer"},
          {"X-Content-Type-Options", "nosniff"}};
}

http::Site page_files(const std::optional<ops::FilePath>& folder) {
  std::error_code error;
  const auto where = folder ? folder : find_web_pages();
  if (!where || !std::filesystem::exists(where->path + std::string(kPage), error)) {
    if (!folder) return unbuilt_page();
    throw ops::UsageError("--web: " + folder->path + ": there is no netstate.html in it; " +
                          std::string(kBuildWebPages) + " builds the pages, into build/web");
  }
  auto pages = read_site_folder("--web", *where);
  std::erase_if(pages, [](const auto& file) { return !file.first.starts_with(kOurs); });
  for (auto& [path, page] : pages) page.headers = viewer_headers();
  pages["/index.html"] = pages.at(std::string(kPage));
  return http::Site(std::move(pages));
}

}  // namespace footbridge::netstate
