#include "programs/web_pages.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "programs/sha256.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kNeeded = {"/widget.js", "/frame.html", "/frame.js",
                                                     "/worker.js", "/core.wasm",  "/confirm.html"};
// Beside what is served lie a page for who works on the widget, and a bare page with a folder of its own.
constexpr std::string_view kSample = "/sample.html";
constexpr std::string_view kBarePage = "/relay/";

// With the alphabet and the padding of RFC 4648 §4, which an integrity attribute has.
std::string integrity_of(ByteView file) {
  Sha256 sum;
  sum.add(file);
  auto text = encode_base64url(sum.sum());
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return "sha256-" + text;
}

bool is_embedded_by_pages(std::string_view path) { return path == "/widget.js" || path == "/editor.js"; }
bool stands_alone(std::string_view path) {
  return path == "/confirm.html" || path == "/privacy.html" || path == "/index.html";
}

// For the frame and its worker, which both connect; the frame's own policy holds beside it.
std::string policy_of(std::string_view path, const PageNetwork& network) {
  if (path == "/index.html") return "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
  if (stands_alone(path)) return "frame-ancestors 'none'";
  return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; connect-src "
         "'self'" +
         page_sources(network) + "; base-uri 'none'; form-action 'none'";
}

std::string first_page(const std::string& tag) {
  return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Lend a connection</title>\n"
         "<link rel=\"stylesheet\" href=\"page.css\">\n<main>\n<h1>Lend a connection</h1>\n"
         "<p><a href=\"frame.html\">Help from this browser</a>, as long as the page is open.</p>\n"
         "<h2>On your own page</h2>\n<p>These two lines put the box into it:</p>\n<pre>" +
         html_text(tag) + "</pre>\n<p><a href=\"privacy.html\">Privacy</a></p>\n</main>\n</html>\n";
}

}  // namespace

WebPages::WebPages(std::string_view option, const ops::FilePath& folder) {
  const auto refuse = [&](const std::string& what) {
    throw ops::UsageError(std::string(option) + ": " + folder.path + ": " + what + "; " + std::string(kBuildWebPages) +
                          " builds the pages, into build/web");
  };
  if (std::error_code error; !fs::exists(folder.path, error)) refuse("there is no such folder");
  files_ = read_site_folder(option, folder);
  for (const auto needed : kNeeded)
    if (!files_.contains(std::string(needed))) refuse("there is no " + std::string(needed.substr(1)) + " in it");
  std::erase_if(files_, [](const auto& file) { return file.first == kSample || file.first.starts_with(kBarePage); });
  integrity_ = integrity_of(files_.at("/widget.js").body);
}

http::Site WebPages::site(const PageNetwork& network, std::string_view base) const {
  auto pages = files_;
  pages["/config.json"] = {"application/json", to_bytes(page_config_json(network))};
  pages["/index.html"] = {"text/html", to_bytes(first_page(embed_tag(base)))};
  for (auto& [path, page] : pages) {
    page.headers = {{"Cache-Control", "no-cache"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Content-Security-Policy", policy_of(path, network)}};
    if (is_embedded_by_pages(path)) page.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  return http::Site(std::move(pages));
}

std::string WebPages::embed_tag(std::string_view base, std::string_view attributes) const {
  std::string out = "<script type=\"module\" crossorigin integrity=\"" + integrity_ + "\" src=\"" + html_text(base);
  out.append("widget.js\"></script>\n<footbridge-widget").append(attributes.empty() ? "" : " ").append(attributes);
  return out + "></footbridge-widget>";
}

std::optional<ops::FilePath> find_web_pages() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return std::nullopt;
  for (const auto* const place : {"../web", "../share/footbridge/web"})
    if (const auto folder = (program / place).lexically_normal(); fs::exists(folder / "frame.html", error))
      return ops::FilePath{folder.string()};
  return std::nullopt;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace footbridge
