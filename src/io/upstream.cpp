#include "io/upstream.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::io {

std::string_view name(UpstreamErrc error) {
  switch (error) {
    case UpstreamErrc::BadUrl: return "bad-url";
    case UpstreamErrc::CarriesNoUdp: return "carries-no-udp";
    case UpstreamErrc::Unreachable: return "unreachable";
    case UpstreamErrc::Silent: return "silent";
    case UpstreamErrc::NotSocks5: return "not-socks5";
    case UpstreamErrc::WantsCredentials: return "wants-credentials";
    case UpstreamErrc::WrongCredentials: return "wrong-credentials";
    case UpstreamErrc::NotAllowed: return "not-allowed";
    case UpstreamErrc::NoAssociation: return "no-association";
    case UpstreamErrc::DatagramsLost: return "datagrams-lost";
    case UpstreamErrc::Failed: return "failed";
  }
  FB_ASSERT(false);
}

std::string_view advice(UpstreamErrc error) {
  switch (error) {
    case UpstreamErrc::BadUrl:
      return "the proxy's URL cannot be read; write it as socks5://ADDRESS:PORT or "
             "socks5://USER:PASSWORD@ADDRESS:PORT, "
             "with an IP address";
    case UpstreamErrc::CarriesNoUdp:
      return "links to volunteers are UDP, which http, socks4 and socks4a proxies do not carry; name a SOCKS5 proxy "
             "with "
             "UDP ASSOCIATE";
    case UpstreamErrc::Unreachable: return "nothing can be connected to at the proxy's address; is it running?";
    case UpstreamErrc::Silent: return "the proxy does not answer; check its address and this machine's network";
    case UpstreamErrc::NotSocks5:
      return "what answers at the proxy's address does not speak SOCKS5; check its port, or name another proxy";
    case UpstreamErrc::WantsCredentials:
      return "the proxy wants a user and a password; write it as socks5://USER:PASSWORD@ADDRESS:PORT";
    case UpstreamErrc::WrongCredentials: return "the proxy does not accept this user and password; check both";
    case UpstreamErrc::NotAllowed: return "the proxy's rules forbid this; ask who runs it to allow CONNECT and UDP";
    case UpstreamErrc::NoAssociation:
      return "the proxy has no UDP ASSOCIATE, and links to volunteers are UDP; switch it on there, or name another "
             "proxy";
    case UpstreamErrc::DatagramsLost:
      return "the proxy grants UDP ASSOCIATE, but no STUN server's answer comes back through it; check its firewall, "
             "or "
             "name another proxy";
    case UpstreamErrc::Failed: return "the proxy says that it failed; look into its log";
  }
  FB_ASSERT(false);
}

bool may_heal(UpstreamErrc error) {
  switch (error) {
    case UpstreamErrc::Unreachable:
    case UpstreamErrc::Silent:
    case UpstreamErrc::DatagramsLost:
    case UpstreamErrc::Failed: return true;
    case UpstreamErrc::BadUrl:
    case UpstreamErrc::CarriesNoUdp:
    case UpstreamErrc::NotSocks5:
    case UpstreamErrc::WantsCredentials:
    case UpstreamErrc::WrongCredentials:
    case UpstreamErrc::NotAllowed:
    case UpstreamErrc::NoAssociation: return false;
  }
  FB_ASSERT(false);
}

UpstreamErrc upstream_errc(wire::Socks5ClientErrc error) {
  switch (error) {
    case wire::Socks5ClientErrc::NotSocks5: return UpstreamErrc::NotSocks5;
    case wire::Socks5ClientErrc::WantsCredentials: return UpstreamErrc::WantsCredentials;
    case wire::Socks5ClientErrc::WrongCredentials: return UpstreamErrc::WrongCredentials;
    case wire::Socks5ClientErrc::NotAllowed: return UpstreamErrc::NotAllowed;
    case wire::Socks5ClientErrc::CommandNotSupported: return UpstreamErrc::NoAssociation;
    case wire::Socks5ClientErrc::Failed:
    case wire::Socks5ClientErrc::NetworkUnreachable:
    case wire::Socks5ClientErrc::HostUnreachable:
    case wire::Socks5ClientErrc::Refused:
    case wire::Socks5ClientErrc::TimedOut:
    case wire::Socks5ClientErrc::AddressTypeNotSupported: return UpstreamErrc::Failed;
  }
  FB_ASSERT(false);
}

Result<Upstream, UpstreamErrc> upstream_of(std::string_view url) {
  auto parsed = wire::parse_proxy_url(url);
  if (!parsed) return UpstreamErrc::BadUrl;
  if (parsed->scheme != wire::ProxyScheme::Socks5) return UpstreamErrc::CarriesNoUdp;
  return Upstream{std::move(parsed->proxy), std::move(parsed->credentials), {}};
}

}  // namespace footbridge::io
