#include "transport/webrtc/pair_socket.hpp"

#include <netinet/in.h>
#include <unistd.h>

namespace footbridge::webrtc {
namespace {

constexpr int kOn = 1;
constexpr int kOff = 0;

socklen_t length_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}
const sockaddr* generic(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr*>(&address); }

void set_shared(int socket, const int& value) { setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value); }

// Both sockets of a port must allow sharing at the moment of the bind, and only then: afterwards no other program may
// join them. Between bind and connect the new socket may catch a datagram that was meant for ICE's; ICE asks again.
bool join_port(int socket, int ice_socket, const sockaddr_storage& remote) {
  sockaddr_storage local{};
  socklen_t bytes = sizeof local;
  if (getsockname(ice_socket, reinterpret_cast<sockaddr*>(&local), &bytes) != 0) return false;
  set_shared(ice_socket, kOn);
  set_shared(socket, kOn);
  const bool joined =
      bind(socket, generic(local), length_of(local)) == 0 && connect(socket, generic(remote), length_of(remote)) == 0;
  set_shared(ice_socket, kOff);
  set_shared(socket, kOff);
  return joined;
}

}  // namespace

std::unique_ptr<PairSocket> PairSocket::open(int ice_socket, const sockaddr_storage& remote) {
  const int socket = ::socket(remote.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return nullptr;
  std::unique_ptr<PairSocket> out(new PairSocket(socket));
  if (remote.ss_family == AF_INET6) setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &kOn, sizeof kOn);
  if (!join_port(socket, ice_socket, remote)) return nullptr;
  io::prepare_datagram_socket(socket);
  return out;
}

PairSocket::~PairSocket() { ::close(socket_); }

}  // namespace footbridge::webrtc
