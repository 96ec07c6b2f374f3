#include "programs/client/destination.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <utility>

#include "base/overloaded.hpp"
#include "core/egress/address_policy.hpp"

namespace footbridge::client {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// The port after `host`; "" is the default, ":" something is itself.
std::optional<std::uint16_t> port_after(std::string_view rest, std::uint16_t default_port) {
  if (rest.empty() || rest == ":") return default_port == 0 ? std::nullopt : std::optional(default_port);
  return rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
}

bool is_loopback_or_any(const IpAddress& address) {
  if (!address.is_v4()) {
    const auto& bytes = address.v6_bytes();
    const bool zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
    if (zeros && bytes.back() <= 1) return true;
  }
  const auto reached = core::canonical(address);
  return reached.is_v4() && (reached.v4_host_order() >> 24 == 127 || reached.v4_host_order() == 0);
}

bool is_localhost(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string lower(host);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "localhost" || lower.ends_with(".localhost");
}

}  // namespace

std::optional<wire::Destination> parse_authority(std::string_view text, std::uint16_t default_port) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(1, close - 1));
    const auto port = port_after(text.substr(close + 1), default_port);
    if (!address || address->is_v4() || !port) return std::nullopt;
    return wire::Destination{*address, *port};
  }
  const auto colon = std::min(text.find(':'), text.size());
  const auto host = text.substr(0, colon);
  const auto port = port_after(text.substr(colon), default_port);
  if (host.empty() || host.size() > wire::kMaxHostNameBytes || !port) return std::nullopt;
  if (!std::all_of(host.begin(), host.end(), is_name_character)) return std::nullopt;
  if (const auto address = IpAddress::parse(host)) return wire::Destination{*address, *port};
  return wire::Destination{std::string(host), *port};
}

wire::Destination destination_of(const wire::SocksRequest& request) {
  return std::visit(Overloaded{
                        [&](const Private<std::string>& host) {
                          return wire::Destination{host.reveal_to_socket(), request.port};
                        },
                        [&](const Private<IpAddress>& address) {
                          return wire::Destination{address.reveal_to_socket(), request.port};
                        },
                    },
                    request.host);
}

std::string authority_text(const wire::Destination& destination, std::uint16_t default_port) {
  auto host = std::visit(
      Overloaded{
          [](const std::string& name) { return name; },
          [](const IpAddress& address) { return address.is_v4() ? address.to_text() : "[" + address.to_text() + "]"; },
      },
      destination.host);
  return destination.port == default_port ? host : host + ":" + std::to_string(destination.port);
}

bool names_listener(const wire::Destination& destination, const Endpoint& listener) {
  if (destination.port != listener.port) return false;
  return std::visit(Overloaded{
                        [](const std::string& name) { return is_localhost(name); },
                        [&](const IpAddress& address) {
                          return is_loopback_or_any(address) || core::canonical(address) == listener.address;
                        },
                    },
                    destination.host);
}

}  // namespace footbridge::client
