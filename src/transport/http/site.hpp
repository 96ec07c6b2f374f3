// Site: the ordinary web site that a public server of ours shows to everybody who has no business with it: a few static
// pages, or none, and the error pages of a common web server, whose manner of speaking it follows (nginx, as Debian
// ships it, with server_tokens off).
//
// Pages are held in memory and never change: whoever asks costs no file access, and any thread may answer.
// Bounds: those of its maker (programs/site_folder.hpp). Errors: none; what it does not know is 404.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport/http/date.hpp"
#include "transport/http/message.hpp"

namespace footbridge::http {

class Site {
 public:
  struct Page {
    std::string content_type;
    Bytes body;
    UnixSeconds modified{};
    std::vector<std::pair<std::string, std::string>> headers{};  // further ones, after those of every page
  };
  Site() = default;
  // By path, which begins with '/'; "/a/index.html" is also what "/a/" shows.
  explicit Site(std::map<std::string, Page> pages) : pages_(std::move(pages)) {}

  Response answer(std::string_view method, std::string_view target) const;
  // As a response to somebody whose request broke HTTP, or a bound of ours.
  static Response error_page(unsigned status);
  // What a server for TLS says to a request without.
  static Response plain_request_page();

 private:
  std::map<std::string, Page> pages_;
};

// An error page with what browsers of one kind need to show it: they get it longer.
void pad_for_browser(Response& response, std::string_view user_agent);

}  // namespace footbridge::http
