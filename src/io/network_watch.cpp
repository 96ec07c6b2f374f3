#include "io/network_watch.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/endpoint.hpp"
#include "io/own_addresses.hpp"

namespace footbridge::io {
namespace {

// Where we are: all addresses of ours, and those we would send from, to anywhere.
using Whereabouts = std::vector<IpAddress>;

// The address of ours that the routes choose towards `far`; nothing is sent. nullopt: no route.
std::optional<IpAddress> source_towards(asio::any_io_executor executor, const IpAddress& far) {
  asio::ip::udp::socket socket(std::move(executor));
  const auto to = asio::ip::udp::endpoint(to_asio(far), 9);  // discard; any port would do
  error_code error;
  socket.open(to.protocol(), error);
  if (!error) socket.connect(to, error);
  if (error) return std::nullopt;
  const auto local = socket.local_endpoint(error);
  return error ? std::nullopt : std::optional(from_asio(local.address()));
}

std::optional<Whereabouts> whereabouts(const asio::any_io_executor& executor) {
  try {
    auto out = own_addresses();
    std::ranges::sort(out);
    // Of blocks for documentation: routed like all the world, used by nobody.
    const std::array far{IpAddress::v4(0xC0000201),
                         IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
    for (const auto& address : far)
      if (const auto source = source_towards(executor, address)) out.push_back(*source);
    return out;
  } catch (const std::system_error&) {
    return std::nullopt;  // for a moment; the next notice looks again
  }
}

int open_netlink() {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) return -1;
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  local.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the call wants
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0) return socket;
  ::close(socket);
  return -1;
}

}  // namespace

struct NetworkWatch::State {
  State(const asio::any_io_executor& executor, std::function<void(TimePoint)> callback)
      : socket(executor),
        settled(executor, [this](TimePoint now) { look(now); }),
        changed(std::move(callback)),
        last(whereabouts(executor)) {
    if (const int opened = open_netlink(); opened >= 0) socket.assign(opened);
  }

  // Owners of `self`: the NetworkWatch and the wait started here.
  static void wait(const std::shared_ptr<State>& self) {
    self->socket.async_wait(asio::posix::stream_descriptor::wait_read, [self](error_code error) {
      if (error || self->abandoned) return;
      self->swallow();
      if (!std::exchange(self->settling, true)) self->settled.arm(now() + kNetworkSettle);
      wait(self);
    });
  }

  // What a notice says does not matter, nor does one that was lost because we were slow: we look for ourselves.
  void swallow() {
    std::array<char, 8192> notice{};
    errno = 0;
    while (::recv(socket.native_handle(), notice.data(), notice.size(), MSG_DONTWAIT) > 0 || errno == ENOBUFS) {
      errno = 0;
    }
  }

  void look(TimePoint now) {
    settling = false;
    auto here = whereabouts(socket.get_executor());
    if (!here || here == last) return;
    last = std::move(here);
    changed(now);
  }

  asio::posix::stream_descriptor socket;
  DeadlineTimer settled;
  std::function<void(TimePoint)> changed;
  std::optional<Whereabouts> last;
  bool settling = false;
  bool abandoned = false;
};

NetworkWatch::NetworkWatch(asio::any_io_executor executor, std::function<void(TimePoint now)> changed)
    : state_(std::make_shared<State>(executor, std::move(changed))) {
  if (watching()) State::wait(state_);
}

NetworkWatch::~NetworkWatch() {
  state_->abandoned = true;
  state_->settled.arm(std::nullopt);
  error_code ignored;
  state_->socket.close(ignored);
}

bool NetworkWatch::watching() const { return state_->socket.is_open(); }

}  // namespace footbridge::io
