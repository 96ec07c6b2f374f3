#include "io/udp_connector.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>
#include <variant>

#include "io/endpoint.hpp"

namespace footbridge::io {
namespace {

void never_cut(udp::socket& socket, bool v4) {
  const int on = v4 ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO;
  ::setsockopt(socket.native_handle(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &on,
               sizeof on);
}

}  // namespace

Result<udp::socket, ConnectErrc> UdpConnector::connect_to(const Endpoint& endpoint) const {
  const auto to = to_udp(endpoint);
  udp::socket socket(executor_);
  error_code error;
  socket.open(to.protocol(), error);
  if (!error) socket.non_blocking(true, error);
  if (error) return ConnectErrc::Failed;
  never_cut(socket, endpoint.address.is_v4());
  socket.connect(to, error);
  if (error) return ConnectErrc::Unreachable;
  // Belt and braces: what the kernel says we are talking to is what the policy admitted.
  const auto peer = socket.remote_endpoint(error);
  if (error || from_asio(peer) != endpoint) return ConnectErrc::Failed;
  return socket;
}

asio::awaitable<Result<udp::socket, ConnectErrc>> UdpConnector::connect(Private<std::string> host, std::uint16_t port) {
  const auto target = policy_.admit_target(host.reveal_to_socket(), port);
  if (!target) co_return ConnectErrc::Policy;
  if (const auto* literal = std::get_if<IpAddress>(&*target)) {
    const auto admitted = policy_.admit({*literal, port});
    if (!admitted) co_return ConnectErrc::Policy;
    co_return connect_to(*admitted);
  }
  auto answer = co_await resolver_.resolve(std::get<core::HostName>(*target), kResolveLimit);
  if (!answer) co_return connect_errc(answer.error());
  std::ranges::stable_partition(*answer, [](const IpAddress& address) { return address.is_v4(); });
  auto failure = ConnectErrc::Policy;
  for (const auto& address : *answer) {
    const auto admitted = policy_.admit({address, port});
    if (!admitted) continue;
    auto socket = connect_to(*admitted);
    if (socket) co_return socket;
    failure = socket.error();
  }
  co_return failure;
}

}  // namespace footbridge::io
