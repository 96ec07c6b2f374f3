#include "programs/client/pac.hpp"

#include <algorithm>
#include <cctype>

#include "base/bytes.hpp"
#include "base/encoding.hpp"

namespace footbridge::client {
namespace {

// Where a program on this machine reaches the listener: an unspecified address means "any", so loopback will do.
Endpoint reachable(Endpoint listener) {
  if (listener.address == IpAddress::v4(0)) listener.address = IpAddress::v4(0x7f000001);
  if (listener.address == IpAddress::v6({})) listener.address = *IpAddress::parse("::1");
  return listener;
}

// Loopback is this machine and private literals are this house: neither can be meant for the far end. Only literals
// are looked at; a name would have to be resolved.
constexpr std::string_view kBody = R"(function FindProxyForURL(url, host) {
  if (host == "localhost" || /\.localhost$/i.test(host) || /^127\.\d+\.\d+\.\d+$/.test(host) ||
      host == "::1" || host == "[::1]") return "DIRECT";
  if (/^10\.\d+\.\d+\.\d+$/.test(host) || /^192\.168\.\d+\.\d+$/.test(host) ||
      /^172\.(1[6-9]|2\d|3[01])\.\d+\.\d+$/.test(host)) return "DIRECT";
  return "PROXY )";

}  // namespace

PacFile::PacFile(const Endpoint& listener, Rng& rng)
    : listener_(reachable(listener)),
      path_("/" + encode_base64url(rng.bytes(kPacSecretBytes)) + "/proxy.pac"),
      body_(std::string(kBody) + listener_.to_text() + "\";\n}\n") {}

std::string PacFile::url() const { return "http://" + listener_.to_text() + path_; }

bool PacFile::is_path(std::string_view target) const {
  return equal_in_constant_time(as_bytes(target), as_bytes(path_));
}

bool PacFile::is_host(std::string_view host) const {
  std::string lower(host);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto port = ":" + std::to_string(listener_.port);
  if (lower == listener_.to_text()) return true;
  if (lower == "127.0.0.1" + port || lower == "[::1]" + port || lower == "localhost" + port) return true;
  // Browsers leave out the port of the scheme.
  return listener_.port == 80 && (lower == "127.0.0.1" || lower == "[::1]" || lower == "localhost");
}

}  // namespace footbridge::client
