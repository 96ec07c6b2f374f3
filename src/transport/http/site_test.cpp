#include "transport/http/site.hpp"

#include <gtest/gtest.h>

namespace footbridge::http {
namespace {

const Site kSite({{"/index.html", {"text/html", to_bytes("first"), UnixSeconds{1'700'000'000}}},
                  {"/a/b.css", {"text/css", to_bytes("style"), UnixSeconds{1'700'000'000}}},
                  {"/a/index.html", {"text/html", to_bytes("second"), UnixSeconds{1'700'000'000}}}});

std::string shown(std::string_view target, std::string_view method = "GET") {
  const auto response = kSite.answer(method, target);
  if (response.status != 200) return std::to_string(response.status);
  return std::string(as_text(response.body));
}

TEST(Site, ShowsItsPagesUnderTheirPaths) {
  EXPECT_EQ(shown("/"), "first");
  EXPECT_EQ(shown("/?x=/.."), "first");
  EXPECT_EQ(shown("/a/"), "second");
  EXPECT_EQ(shown("/a/b.css"), "style");
  EXPECT_EQ(shown("//a//./x/../b.css"), "style");
  EXPECT_EQ(shown("/%61/b%2ecss"), "style");
  EXPECT_EQ(shown("/a/b.css", "HEAD"), "style") << "the server leaves the body out";
  const auto page = kSite.answer("GET", "/");
  EXPECT_EQ(page.headers.at(0),
            (std::pair<std::string, std::string>("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT")));
  EXPECT_EQ(page.headers.at(1), (std::pair<std::string, std::string>("ETag", "\"6553f100-5\"")));
}

TEST(Site, SaysWhatAWebServerSaysOfTheRest) {
  for (const auto* const unknown : {"/b", "/a", "/a/b.css/", "/A/b.css", "/index.html/x"})
    EXPECT_EQ(shown(unknown), "404");
  for (const auto* const wrong : {"/..", "/a/../../x", "x", "", "*", "/%", "/%4", "/%zz", "/%00"})
    EXPECT_EQ(shown(wrong), "400") << wrong;
  EXPECT_EQ(shown("/a/b.css", "POST"), "405");
  EXPECT_EQ(shown("/unknown", "POST"), "404");
  EXPECT_EQ(shown("/unknown", "PUT"), "405");
  EXPECT_EQ(Site().answer("PUT", "/").status, 404U) << "without pages there is nothing to not allow";
}

TEST(Site, MakesErrorPagesLongerForBrowsersThatWouldHideThem) {
  auto page = kSite.answer("GET", "/unknown");
  const auto plain = page.body.size();
  EXPECT_EQ(
      as_text(page.body),
      "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
      "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
  pad_for_browser(page, "curl/8");
  EXPECT_EQ(page.body.size(), plain);
  pad_for_browser(page, "Mozilla/5.0 Chrome/120.0.0.0");
  EXPECT_GT(page.body.size(), 512U);
  auto first = kSite.answer("GET", "/");
  pad_for_browser(first, "Mozilla/5.0 Chrome/120.0.0.0");
  EXPECT_EQ(first.body.size(), 5U);
}

}  // namespace
}  // namespace footbridge::http
