#include "programs/client/http_head_rewrite.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <vector>

#include "programs/client/destination.hpp"

namespace footbridge::client {
namespace {

using boost::beast::iequals;

constexpr std::array<std::string_view, 7> kHopByHop = {
    "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Proxy-Authenticate", "Proxy-Authorization", "Upgrade"};
// What tells where a message ends and whom it is for; a Connection header that names one of these is an attack.
constexpr std::array<std::string_view, 4> kFraming = {"Content-Length", "Transfer-Encoding", "Host", "Trailer"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view known) { return iequals(known, name); });
}

// The fields that Connection names: they end here, too.
template <class Head>
std::vector<std::string> named_by_connection(const Head& head) {
  std::vector<std::string> names;
  const auto [begin, end] = head.equal_range(beast_http::field::connection);
  for (auto field = begin; field != end; ++field)
    for (const auto token : beast_http::token_list(field->value())) names.emplace_back(token);
  return names;
}

template <class Head>
void append_fields(std::string& out, const Head& head, std::string_view besides) {
  const auto named = named_by_connection(head);
  for (const auto& field : head) {
    const std::string_view name = field.name_string();
    if (contains(kHopByHop, name) || iequals(name, besides)) continue;
    if (contains(named, name) && !contains(kFraming, name)) continue;
    out.append(name).append(": ").append(field.value()).append("\r\n");
  }
}

bool says_close(const RequestHead& head, std::string_view name) {
  const auto [begin, end] = head.equal_range(name);
  return std::any_of(begin, end,
                     [](const auto& field) { return beast_http::token_list(field.value()).exists("close"); });
}

std::string_view connection_field(bool keep_alive) {
  return keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
}

std::string status_line(unsigned status, std::string_view reason) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason) + "\r\n";
}

std::string whole(unsigned status, std::string_view type, std::string_view body, bool keep_alive, bool with_body) {
  auto out = status_line(status, beast_http::obsolete_reason(static_cast<beast_http::status>(status)));
  out.append("Content-Type: ").append(type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  out.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n").append(connection_field(keep_alive));
  return out.append("\r\n").append(with_body ? body : std::string_view());
}

}  // namespace

bool wants_keep_alive(const RequestHead& head) {
  return head.version() >= 11 && !says_close(head, "Connection") && !says_close(head, "Proxy-Connection");
}

std::string rewrite_request(const RequestHead& head, const LocalRequest& request) {
  std::string out(head.method_string());
  out.append(" ").append(request.target).append(head.version() >= 11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  out.append("Host: ").append(authority_text(request.destination, 80)).append("\r\n");
  append_fields(out, head, "Host");
  return out.append(connection_field(false)).append("\r\n");
}

std::string rewrite_response(const ResponseHead& head, bool keep_alive) {
  auto out = status_line(head.result_int(), head.reason());
  append_fields(out, head, {});
  // An interim answer says nothing about the connection.
  if (head.result_int() >= 200) out.append(connection_field(keep_alive));
  return out.append("\r\n");
}

std::string own_response(unsigned status, std::string_view text, bool keep_alive, bool with_body) {
  return whole(status, "text/plain; charset=utf-8", "footbridge: " + std::string(text) + "\n", keep_alive, with_body);
}

std::string pac_response(const PacFile& pac, bool with_body) {
  return whole(200, kPacContentType, pac.body(), false, with_body);
}

}  // namespace footbridge::client
