#include "transport/webrtc/pair_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

namespace footbridge::webrtc {
namespace {

constexpr int kSocketBufferBytes = 4 << 20;  // a burst of SCTP's window; below that bursts are lost inside the host
constexpr int kOn = 1;
constexpr int kOff = 0;

socklen_t length_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}
const sockaddr* generic(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr*>(&address); }

void grow_buffer(int socket, int option, int forced) {
  // FORCE needs CAP_NET_ADMIN; without it the system's maximum has to do.
  if (setsockopt(socket, SOL_SOCKET, forced, &kSocketBufferBytes, sizeof kSocketBufferBytes) != 0)
    setsockopt(socket, SOL_SOCKET, option, &kSocketBufferBytes, sizeof kSocketBufferBytes);
}

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

using Control = std::array<char, CMSG_SPACE(sizeof(int))>;

// How long each datagram of a received run is; the last may be shorter.
std::size_t segment_of(msghdr& message, std::size_t run_bytes) {
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) continue;
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(header), sizeof segment);
    if (segment > 0) return static_cast<std::size_t>(segment);
  }
  return run_bytes;
}

}  // namespace

// PROBE, and not DO: what somebody claims of the path by ICMP shall not stop us, only what gets lost there.
void allow_fragments(int socket, bool allowed) {
  const int v4 = allowed ? IP_PMTUDISC_WANT : IP_PMTUDISC_PROBE;
  const int v6 = allowed ? IPV6_PMTUDISC_WANT : IPV6_PMTUDISC_PROBE;
  // One of the two is of the other family and refused.
  setsockopt(socket, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof v4);
  setsockopt(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof v6);
}

std::unique_ptr<PairSocket> PairSocket::open(int ice_socket, const sockaddr_storage& remote) {
  const int socket = ::socket(remote.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return nullptr;
  std::unique_ptr<PairSocket> out(new PairSocket(socket));
  if (remote.ss_family == AF_INET6) setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &kOn, sizeof kOn);
  if (!join_port(socket, ice_socket, remote)) return nullptr;
  grow_buffer(socket, SO_RCVBUF, SO_RCVBUFFORCE);
  grow_buffer(socket, SO_SNDBUF, SO_SNDBUFFORCE);
  setsockopt(socket, SOL_UDP, UDP_GRO, &kOn, sizeof kOn);  // before Linux 5.0 datagrams simply come singly
  return out;
}

PairSocket::~PairSocket() { ::close(socket_); }

void PairSocket::send_run(ByteView run, std::size_t segment_bytes) {
  if (segments_ || run.size() <= segment_bytes) {
    if (send_segmented(run, segment_bytes)) return;
    segments_ = false;
  }
  for (; !run.empty(); run = run.subspan(std::min(segment_bytes, run.size())))
    ::send(socket_, run.data(), std::min(segment_bytes, run.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// False: this kernel or device cannot segment; nothing was sent.
bool PairSocket::send_segmented(ByteView run, std::size_t segment_bytes) const {
  iovec piece{const_cast<std::byte*>(run.data()), run.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  const bool segmented = run.size() > segment_bytes;
  if (segmented) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(segment_bytes);
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
  }
  if (sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  // Else a full socket buffer or an unreachable network: the datagrams are lost, as datagrams may be.
  return !segmented || (errno != EIO && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOPROTOOPT);
}

void PairSocket::receive(ReceiveScratch& scratch, DatagramEvents& events) {
  for (std::size_t datagrams = 0; datagrams < kReceiveTurnDatagrams;) {
    const auto [runs, more] = receive_once(scratch, events);
    datagrams += more;
    if (runs < kReceiveBuffers) return;  // nothing else was waiting
  }
}

PairSocket::Received PairSocket::receive_once(ReceiveScratch& scratch, DatagramEvents& events) const {
  alignas(cmsghdr) std::array<Control, kReceiveBuffers> controls;
  std::array<iovec, kReceiveBuffers> pieces{};
  std::array<mmsghdr, kReceiveBuffers> messages{};
  for (std::size_t i = 0; i < kReceiveBuffers; ++i) {
    pieces[i] = {scratch.buffer(i).data(), kReceiveBufferBytes};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_control = controls[i].data();
    messages[i].msg_hdr.msg_controllen = controls[i].size();
  }
  const int count = recvmmsg(socket_, messages.data(), kReceiveBuffers, MSG_DONTWAIT, nullptr);
  Received out{static_cast<std::size_t>(std::max(count, 0)), 0};
  for (std::size_t i = 0; i < out.runs; ++i) {
    auto run = ByteView(scratch.buffer(i)).first(messages[i].msg_len);
    const auto segment = segment_of(messages[i].msg_hdr, run.size());
    for (; !run.empty(); run = run.subspan(std::min(segment, run.size()))) {
      events.on_datagram(run.first(std::min(segment, run.size())));
      ++out.datagrams;
    }
  }
  return out;
}

}  // namespace footbridge::webrtc
