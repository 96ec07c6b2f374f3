// The decoy site: whatever is asked for, the answer is one of its pages or an error page, and nothing outside of it.
// The same target with its bytes percent-encoded means the same.
#include <array>
#include <cstdio>
#include <string>

#include "base/assert.hpp"
#include "transport/http/site.hpp"

namespace {

using namespace footbridge;

http::Site make_site() {
  std::map<std::string, http::Site::Page> pages;
  for (const auto path : {"/index.html", "/style.css", "/a/index.html", "/a/b/page.html", "/%41"})
    pages.emplace(path, http::Site::Page{"text/html", to_bytes(std::string_view(path)), UnixSeconds{1'700'000'000}});
  return http::Site(std::move(pages));
}

std::string encoded(std::string_view path) {
  std::string out;
  for (const auto c : path) {
    std::array<char, 4> text{};
    std::snprintf(text.data(), text.size(), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += text.data();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto site = make_site();
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  for (const auto method : {"GET", "POST", "PROPFIND"}) {
    auto answer = site.answer(method, target);
    FB_ASSERT(answer.status == 200 || answer.is_error_page);
    FB_ASSERT(answer.status == 200 || answer.status == 400 || answer.status == 403 || answer.status == 404 ||
              answer.status == 405);
    FB_ASSERT(answer.status != 200 || method == std::string_view("GET"));
    http::pad_for_browser(answer, target);
    FB_ASSERT(http::Site().answer(method, target).is_error_page);
  }
  // What stands for itself: no query, no percent sign, no NUL, which has no encoding that is read.
  if (target.empty() || target.find_first_of(std::string_view("?#%\0", 4)) != std::string_view::npos) return 0;
  const auto plain = site.answer("GET", target);
  const auto same = site.answer("GET", encoded(target));
  FB_ASSERT(plain.status == same.status && plain.body == same.body);
  return 0;
}
