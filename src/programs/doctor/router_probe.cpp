#include "programs/doctor/router_probe.hpp"

#include "base/assert.hpp"
#include "core/egress/address_policy.hpp"
#include "io/portmap/gateway_way.hpp"
#include "io/portmap/upnp_way.hpp"

namespace footbridge::doctor {
namespace {

using core::Finding;
using core::MapFailure;
using core::PortLeases;

constexpr Seconds kLease{60};  // should we be killed before it is taken back

asio::awaitable<Finding> ask(io::PortMapWay& way, PortLeases::Question question) {
  const auto granted = co_await way.ask(question);
  if (granted) {
    question.held = granted->external;
    question.lifetime = Seconds{0};
    static_cast<void>(co_await way.ask(question));
    const auto& outside = granted->external.reveal_to_socket().address;
    const bool is_public = core::registry_verdict(outside) == core::AddressVerdict::Allowed;
    co_return is_public ? Finding::RouterForwards : Finding::RouterUseless;
  }
  switch (granted.error()) {
    case MapFailure::NoRouter: co_return Finding::RouterNotNeeded;
    case MapFailure::Silent: co_return Finding::RouterSilent;
    case MapFailure::Refused:
    case MapFailure::Taken:
    case MapFailure::PortInUse: co_return Finding::RouterRefuses;
    case MapFailure::Unusable: co_return Finding::RouterUseless;
  }
  FB_ASSERT(false);
}

}  // namespace

asio::awaitable<Finding> probe_router(asio::any_io_executor executor, Rng& rng) {
  PortLeases::Question question{.id = 1, .lifetime = kLease};
  question.local_port = static_cast<std::uint16_t>(rng.between(PortLeases::kFirstPort, PortLeases::kLastPort));
  io::GatewayWay gateway(executor, rng, io::find_home_router);
  const auto first = co_await ask(gateway, question);
  if (first != Finding::RouterSilent && first != Finding::RouterRefuses) co_return first;
  question.method = core::MapMethod::Upnp;
  io::UpnpWay upnp(executor, io::find_home_router);
  const auto second = co_await ask(upnp, question);
  co_return second == Finding::RouterSilent ? first : second;
}

}  // namespace footbridge::doctor
