#include "ops/values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/encoding.hpp"
#include "wire/url.hpp"

namespace footbridge::ops {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Ascending; text() takes the greatest that divides. Names are unique, so the order matters to no parser.
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 7> kSizeUnits = {{{"B", 1},
                                             {"KB", 1'000},
                                             {"KiB", 1'024},
                                             {"MB", 1'000'000},
                                             {"MiB", 1'048'576},
                                             {"GB", 1'000'000'000},
                                             {"GiB", 1'073'741'824}}};

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <std::size_t N>
Parsed<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, N>& units, std::string_view what) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = whole_number(text.substr(0, digits));
  if (!number) return Complaint{"not " + std::string(what)};
  const auto name = text.substr(digits);
  if (name.empty()) return Complaint{"a number without a unit"};
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
  if (unit == units.end()) return Complaint{"in a unit that is not known here"};
  if (*number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit->factor)
    return Complaint{"too large for any use"};
  return *number * unit->factor;
}

template <std::size_t N>
std::string text_with_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  const auto* best = &units.front();
  for (const auto& unit : units)
    if (value != 0 && value % unit.factor == 0) best = &unit;
  return std::to_string(value / best->factor) + std::string(best->name);
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  const auto value = whole_number(text);
  if (!value || *value == 0 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

// Letters, digits, '-', '.', '_' in labels of 1 to 63, 253 in all; or an IP address.
bool is_host(std::string_view host) {
  constexpr std::size_t kMaxHostName = 253;
  constexpr std::size_t kMaxLabel = 63;
  if (IpAddress::parse(host)) return true;
  if (host.empty() || host.size() > kMaxHostName) return false;
  std::size_t label = 0;
  for (const char c : host) {
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c == '.' ? label == 0 : !letter || label == kMaxLabel) return false;
    label = c == '.' ? 0 : label + 1;
  }
  return true;
}

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};
// "host", "host:port", "[v6]", "[v6]:port".
std::optional<Authority> parse_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    const auto address = IpAddress::parse(host);
    if (!address || address->is_v4()) return std::nullopt;
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!is_host(host)) return std::nullopt;
  if (rest.empty()) return Authority{std::string(host), std::nullopt};
  if (!rest.starts_with(':')) return std::nullopt;
  const auto port = port_number(rest.substr(1));
  if (!port) return std::nullopt;
  return Authority{std::string(host), port};
}

// The grammar is wire's, which dials these; here its refusals become words.
Parsed<Url> parse_url(std::string_view text, wire::UrlScheme plain, wire::UrlScheme secure, std::string_view what) {
  const auto parsed = wire::parse_url(text);
  if (!parsed) switch (parsed.error()) {
      case wire::UrlErrc::TooLong: return Complaint{"a URL longer than 2048 bytes"};
      case wire::UrlErrc::BadScheme: break;
      case wire::UrlErrc::BadHost: return Complaint{"a URL without a proper host (and without user name)"};
      case wire::UrlErrc::BadPort: return Complaint{"a URL with a wrong port"};
      case wire::UrlErrc::BadCharacter:
        return Complaint{"a URL with a blank or another character that has no place in it"};
      case wire::UrlErrc::HasFragment: return Complaint{"a URL with a # in it, which never travels; leave that out"};
    }
  if (!parsed || (parsed->scheme != plain && parsed->scheme != secure)) return Complaint{"not " + std::string(what)};
  return Url{parsed->host.reveal_to_socket(), parsed->port, std::string(text)};
}

}  // namespace

Parsed<std::uint64_t> ValueType<std::uint64_t>::parse(std::string_view text) {
  if (const auto value = whole_number(text)) return *value;
  return Complaint{"not a whole number"};
}
std::string ValueType<std::uint64_t>::text(std::uint64_t value) { return std::to_string(value); }

Parsed<Millis> ValueType<Millis>::parse(std::string_view text) {
  const auto value = with_unit(text, kTimeUnits, "a duration");
  if (!value) return value.error();
  return Millis(static_cast<Millis::rep>(*value));
}
std::string ValueType<Millis>::text(Millis value) {
  return text_with_unit(static_cast<std::uint64_t>(value.count()), kTimeUnits);
}

Parsed<ByteCount> ValueType<ByteCount>::parse(std::string_view text) {
  const auto value = with_unit(text, kSizeUnits, "a size");
  if (!value) return value.error();
  return ByteCount{*value};
}
std::string ValueType<ByteCount>::text(ByteCount value) { return text_with_unit(value.bytes, kSizeUnits); }

Parsed<bool> ValueType<bool>::parse(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Complaint{"neither true nor false"};
}
std::string ValueType<bool>::text(bool value) { return value ? "true" : "false"; }

Parsed<std::string> ValueType<std::string>::parse(std::string_view text) { return std::string(text); }
std::string ValueType<std::string>::text(const std::string& value) { return value; }

Parsed<FilePath> ValueType<FilePath>::parse(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) return Complaint{"not the path of a file"};
  return FilePath{std::string(text)};
}
std::string ValueType<FilePath>::text(const FilePath& value) { return value.path; }

Parsed<Endpoint> ValueType<Endpoint>::parse(std::string_view text) {
  if (const auto value = Endpoint::parse(text)) return *value;
  return Complaint{"not an IP address with a port"};
}
std::string ValueType<Endpoint>::text(const Endpoint& value) { return value.to_text(); }

Parsed<IpAddress> ValueType<IpAddress>::parse(std::string_view text) {
  if (const auto value = IpAddress::parse(text)) return *value;
  return Complaint{"not an IP address"};
}
std::string ValueType<IpAddress>::text(const IpAddress& value) { return value.to_text(); }

Parsed<Prefix> ValueType<Prefix>::parse(std::string_view text) {
  if (const auto value = Prefix::parse(text)) return *value;
  return Complaint{"not an address block (network/length, with no bit set beyond the length)"};
}
std::string ValueType<Prefix>::text(const Prefix& value) {
  return value.network.to_text() + "/" + std::to_string(value.length_bits);
}

Parsed<HostPort> ValueType<HostPort>::parse(std::string_view text) {
  auto authority = parse_authority(text);
  if (!authority || !authority->port) return Complaint{"not a host name or address with a port"};
  return HostPort{std::move(authority->host), *authority->port};
}
std::string ValueType<HostPort>::text(const HostPort& value) {
  const bool v6 = value.host.find(':') != std::string::npos;
  return (v6 ? "[" + value.host + "]" : value.host) + ":" + std::to_string(value.port);
}

Parsed<AdminAddress> ValueType<AdminAddress>::parse(std::string_view text) {
  constexpr std::size_t kMaxUnixPath = 107;  // sockaddr_un::sun_path with its final zero
  if (text.starts_with('/')) {
    if (text.size() > kMaxUnixPath) return Complaint{"a path longer than a Unix socket can have (107 bytes)"};
    return AdminAddress{std::string(text), {}};
  }
  const auto endpoint = Endpoint::parse(text);
  if (!endpoint) return Complaint{"neither an absolute path nor an IP address with a port"};
  // Metrics and control of a running program: whoever reaches this port can read and use them.
  if (!is_loopback(endpoint->address)) return Complaint{"not a loopback address, and others could read it there"};
  return AdminAddress{{}, *endpoint};
}
std::string ValueType<AdminAddress>::text(const AdminAddress& value) {
  return value.unix_path.empty() ? value.endpoint.to_text() : value.unix_path;
}

Parsed<HttpUrl> ValueType<HttpUrl>::parse(std::string_view text) {
  auto url = parse_url(text, wire::UrlScheme::Http, wire::UrlScheme::Https, kWhat);
  if (!url) return url.error();
  return HttpUrl{std::move(url).value()};
}
std::string ValueType<HttpUrl>::text(const HttpUrl& value) { return value.text; }

Parsed<WsUrl> ValueType<WsUrl>::parse(std::string_view text) {
  auto url = parse_url(text, wire::UrlScheme::Ws, wire::UrlScheme::Wss, kWhat);
  if (!url) return url.error();
  return WsUrl{std::move(url).value()};
}
std::string ValueType<WsUrl>::text(const WsUrl& value) { return value.text; }

Parsed<Pin> ValueType<Pin>::parse(std::string_view text) {
  const auto bytes = parse_hex(text);
  Pin pin;
  if (!bytes || bytes->size() != pin.sha256.size()) return Complaint{"not 64 hexadecimal digits"};
  std::copy(bytes->begin(), bytes->end(), pin.sha256.begin());
  return pin;
}
std::string ValueType<Pin>::text(const Pin& value) { return encode_hex(value.sha256); }

Parsed<PortRange> ValueType<PortRange>::parse(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = port_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : port_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return Complaint{"not a port or a range of ports (1 to 65535)"};
  return PortRange{*first, *last};
}
std::string ValueType<PortRange>::text(const PortRange& value) {
  const auto first = std::to_string(value.first);
  return value.first == value.last ? first : first + "-" + std::to_string(value.last);
}

Endpoint loopback(std::uint16_t port) { return {IpAddress::v4(0x7f000001), port}; }

bool is_loopback(const IpAddress& address) {
  if (address.is_v4()) return address.v4_host_order() >> 24 == 127;
  std::array<std::uint8_t, 16> one{};
  one.back() = 1;
  return address.v6_bytes() == one;
}

bool names_loopback(std::string_view host) {
  const auto address = IpAddress::parse(host);
  return address ? is_loopback(*address) : host == "localhost";
}

}  // namespace footbridge::ops
