#include "transport/http/site.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <optional>

namespace footbridge::http {
namespace {

constexpr unsigned kOk = 200;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kForbidden = 403;
constexpr unsigned kNotFound = 404;
constexpr unsigned kNotAllowed = 405;
constexpr unsigned kFirstError = 400;
constexpr int kPaddingLines = 6;

std::string_view reason(unsigned status) {
  switch (status) {
    case kForbidden: return "Forbidden";
    case kNotFound: return "Not Found";
    case kNotAllowed: return "Not Allowed";
    case 413: return "Request Entity Too Large";
    default: return "Bad Request";
  }
}

Response page(unsigned status, std::string_view title, std::string_view more) {
  const std::string heading = std::to_string(status) + " " + std::string(reason(status));
  std::string body = "<html>\r\n<head><title>";
  body.append(title.empty() ? std::string_view(heading) : title).append("</title></head>\r\n<body>\r\n");
  body.append("<center><h1>").append(heading).append("</h1></center>\r\n").append(more);
  body.append("<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
  return {.status = status, .content_type = "text/html", .body = to_bytes(body), .is_error_page = true};
}

std::optional<unsigned> hex_digit(char c) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(&c, &c + 1, value, 16);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

// What a target names: without query, percent-encoding, doubled slashes and dots. nullopt: it leads out of the site.
std::optional<std::string> path_of(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  std::string decoded;
  for (std::size_t at = 0; at < target.size(); ++at) {
    char c = target[at];
    if (c == '%') {
      const auto high = at + 2 < target.size() ? hex_digit(target[at + 1]) : std::nullopt;
      const auto low = high ? hex_digit(target[at + 2]) : std::nullopt;
      if (!low || (*high == 0 && *low == 0)) return std::nullopt;
      c = static_cast<char>(*high * 16 + *low);
      at += 2;
    }
    decoded.push_back(c);
  }
  std::string out;
  for (std::size_t at = 0; at < decoded.size();) {
    if (decoded[at] != '/') return std::nullopt;
    const auto end = std::min(decoded.find('/', at + 1), decoded.size());
    const auto segment = std::string_view(decoded).substr(at + 1, end - at - 1);
    const bool last = end == decoded.size();
    if (segment == "..") {
      if (out.empty()) return std::nullopt;
      out.resize(out.rfind('/'));
      if (last) out.push_back('/');
    } else if (segment == "." || segment.empty()) {
      if (last) out.push_back('/');
    } else {
      out.append("/").append(segment);
    }
    at = end;
  }
  if (out.empty()) return std::nullopt;
  return out;
}

std::string entity_tag(const Site::Page& page) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "\"%llx-%zx\"",
                                 static_cast<unsigned long long>(count(page.modified)), page.body.size());
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

Response Site::answer(std::string_view method, std::string_view target) const {
  const auto path = path_of(target);
  if (!path) return error_page(kBadRequest);
  if (pages_.empty()) return error_page(kNotFound);  // a server with nothing to show does not look at methods either
  const bool reads = method == "GET" || method == "HEAD";
  if (!reads && method != "POST") return error_page(kNotAllowed);
  const auto found = pages_.find(path->ends_with('/') ? *path + "index.html" : *path);
  if (found == pages_.end()) return error_page(*path == "/" ? kForbidden : kNotFound);
  if (!reads) return error_page(kNotAllowed);
  const auto& shown = found->second;
  Response out{
      .status = kOk,
      .content_type = shown.content_type,
      .body = shown.body,
      .headers = {
          {"Last-Modified", http_date(shown.modified)}, {"ETag", entity_tag(shown)}, {"Accept-Ranges", "bytes"}}};
  out.headers.insert(out.headers.end(), shown.headers.begin(), shown.headers.end());
  return out;
}

Response Site::error_page(unsigned status) {
  // This server has no word for a head that is too long but "bad".
  const bool has_a_page = reason(status) != reason(kBadRequest);
  return page(has_a_page ? status : kBadRequest, {}, {});
}

Response Site::plain_request_page() {
  return page(kBadRequest, "400 The plain HTTP request was sent to HTTPS port",
              "<center>The plain HTTP request was sent to HTTPS port</center>\r\n");
}

void pad_for_browser(Response& response, std::string_view user_agent) {
  const bool asks =
      user_agent.find("Chrome/") != std::string_view::npos || user_agent.find("MSIE ") != std::string_view::npos;
  if (!response.is_error_page || response.status < kFirstError || !asks) return;
  for (int line = 0; line < kPaddingLines; ++line)
    append(response.body, as_bytes("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n"));
}

}  // namespace footbridge::http
