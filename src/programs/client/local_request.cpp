#include "programs/client/local_request.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <optional>

#include "programs/client/destination.hpp"

namespace footbridge::client {
namespace {

using boost::beast::iequals;

constexpr std::uint16_t kHttpPort = 80;

LocalRequest refused(unsigned status, std::string_view why) {
  return {.kind = RequestKind::Refused, .status = status, .why = why};
}

// Headers that browsers add to what a page asks for, and that pages cannot take away.
bool comes_from_a_page(const RequestHead& head) {
  return std::any_of(head.begin(), head.end(), [](const auto& field) {
    const std::string_view name = field.name_string();
    return iequals(name, "Origin") || iequals(name, "Referer") || iequals(name, "Referrer") ||
           (name.size() >= 10 && iequals(name.substr(0, 10), "Sec-Fetch-")) ||
           (name.size() >= 16 && iequals(name.substr(0, 16), "Access-Control-R"));
  });
}

bool is_for_pac(const RequestHead& head, const PacFile& pac) {
  if (head.method() != beast_http::verb::get && head.method() != beast_http::verb::head) return false;
  return pac.is_path(head.target()) && head.count(beast_http::field::host) == 1 &&
         pac.is_host(head[beast_http::field::host]) && !comes_from_a_page(head);
}

LocalRequest judge_connect(const RequestHead& head, const Endpoint& listener) {
  const auto destination = parse_authority(head.target(), 0);
  if (!destination) return refused(400, "CONNECT needs a host name or address with a port.");
  if (names_listener(*destination, listener)) return refused(403, "This proxy does not connect to itself.");
  return {.kind = RequestKind::Tunnel, .destination = *destination};
}

std::string origin_form(const RequestHead& head, std::string_view rest) {
  const std::string path(rest.substr(0, rest.find('#')));
  // RFC 9112 §3.2.4: an OPTIONS for the server as a whole.
  if (path.empty()) return head.method() == beast_http::verb::options ? "*" : "/";
  return path.front() == '/' ? path : "/" + path;
}

LocalRequest judge_fetch(const RequestHead& head, std::string_view after_scheme, const Endpoint& listener) {
  const auto end = std::min(after_scheme.find_first_of("/?#"), after_scheme.size());
  const auto authority = after_scheme.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    return refused(400, "A URL with a user name is not fetched; send the Authorization header.");
  const auto destination = parse_authority(authority, kHttpPort);
  if (!destination) return refused(400, "The URL names no host.");
  // A page in a browser that uses us may ask for http://127.0.0.1:OUR-PORT/; what it sees is a connection that ends.
  if (names_listener(*destination, listener)) return {};
  // A body whose end we see elsewhere than the server does would smuggle a second request.
  const auto encoding = head[beast_http::field::transfer_encoding];
  if (head.count(beast_http::field::transfer_encoding) > 1 || (!encoding.empty() && !iequals(encoding, "chunked")))
    return refused(501, "The only transfer coding understood here is chunked.");
  return {
      .kind = RequestKind::Fetch, .destination = *destination, .target = origin_form(head, after_scheme.substr(end))};
}

}  // namespace

LocalRequest judge(const RequestHead& head, const PacFile& pac, const Endpoint& listener) {
  if (head.method() == beast_http::verb::connect) return judge_connect(head, listener);
  const std::string_view target = head.target();
  if (target.starts_with('/')) return {.kind = is_for_pac(head, pac) ? RequestKind::Pac : RequestKind::Silent};
  constexpr std::string_view kScheme = "http://";
  if (target.size() > kScheme.size() && iequals(target.substr(0, kScheme.size()), kScheme))
    return judge_fetch(head, target.substr(kScheme.size()), listener);
  if (target.find("://") != std::string_view::npos)
    return refused(501, "This proxy fetches http:// URLs; everything else goes through CONNECT.");
  return {};
}

}  // namespace footbridge::client
