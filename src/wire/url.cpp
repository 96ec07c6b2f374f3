#include "wire/url.hpp"

#include <algorithm>
#include <optional>

#include "base/address.hpp"
#include "base/assert.hpp"
#include "base/number_text.hpp"

namespace footbridge::wire {
namespace {

struct SchemeRow {
  std::string_view prefix;
  UrlScheme scheme;
  std::uint16_t port;
};
constexpr SchemeRow kSchemes[] = {{"http://", UrlScheme::Http, 80},
                                  {"https://", UrlScheme::Https, 443},
                                  {"ws://", UrlScheme::Ws, 80},
                                  {"wss://", UrlScheme::Wss, 443}};

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::string_view kForbidden = " \"<>\\^`{|}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint16_t default_port(UrlScheme scheme) {
  for (const auto& row : kSchemes)
    if (row.scheme == scheme) return row.port;
  FB_ASSERT(false);
}

// A DNS name; one that ends in a number would be an address to somebody else.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != std::string_view::npos) return false;
  const bool characters = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
  const auto dotless = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  const auto last = dotless.substr(dotless.rfind('.') + 1);  // npos + 1 is 0
  return characters && !last.empty() && !is_digit(last.front());
}

std::optional<std::string> parse_host(std::string_view text) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return std::nullopt;
    const auto v6 = IpAddress::parse(text.substr(1, text.size() - 2));
    return v6 && !v6->is_v4() ? std::optional(v6->to_text()) : std::nullopt;
  }
  if (const auto literal = IpAddress::parse(text))
    return literal->is_v4() ? std::optional(literal->to_text()) : std::nullopt;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  return is_host_name(lower) ? std::optional(std::move(lower)) : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_number(text, 65535);
  if (!port || text[0] == '0') return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

std::string_view name(UrlErrc error) {
  switch (error) {
    case UrlErrc::TooLong: return "too long";
    case UrlErrc::BadScheme: return "not http, https, ws or wss";
    case UrlErrc::BadHost: return "bad host";
    case UrlErrc::BadPort: return "bad port";
    case UrlErrc::BadCharacter: return "forbidden character";
    case UrlErrc::HasFragment: return "has a fragment";
  }
  FB_ASSERT(false);
}

std::string Url::authority() const {
  const auto& name = host.reveal_to_socket();
  std::string out = name.find(':') == std::string::npos ? name : "[" + name + "]";
  if (port != default_port(scheme)) out += ":" + number_text(port);
  return out;
}

Url Url::with_segment(std::string_view segment) const {
  auto path = target.reveal_to_socket();
  std::string query;
  if (const auto mark = path.find('?'); mark != std::string::npos) {
    query = path.substr(mark);
    path.resize(mark);
  }
  if (!path.ends_with('/')) path += '/';
  Url out = *this;
  out.target = Private(path + std::string(segment) + query);
  return out;
}

Result<Url, UrlErrc> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return UrlErrc::TooLong;
  const auto is_foreign = [](char c) { return c <= ' ' || c >= 0x7f || kForbidden.find(c) != std::string_view::npos; };
  if (std::any_of(text.begin(), text.end(), is_foreign)) return UrlErrc::BadCharacter;
  if (text.find('#') != std::string_view::npos) return UrlErrc::HasFragment;
  const auto row = std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const SchemeRow& candidate) {
    return text.size() >= candidate.prefix.size() &&
           std::equal(candidate.prefix.begin(), candidate.prefix.end(), text.begin(),
                      [](char ours, char theirs) { return ours == to_lower(theirs); });
  });
  if (row == std::end(kSchemes)) return UrlErrc::BadScheme;
  text.remove_prefix(row->prefix.size());

  const auto authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) return UrlErrc::BadHost;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto host = parse_host(authority.substr(0, colon));
  if (!host) return UrlErrc::BadHost;
  const auto port =
      colon == std::string_view::npos ? std::optional(row->port) : parse_port(authority.substr(colon + 1));
  if (!port) return UrlErrc::BadPort;
  auto target = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  return Url{row->scheme, Private(*host), *port, Private(std::move(target))};
}

}  // namespace footbridge::wire
