#include "io/datagrams.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "base/assert.hpp"

namespace footbridge::io {
namespace {

constexpr int kOn = 1;

void grow_buffer(int socket, int option, int forced) {
  // FORCE needs CAP_NET_ADMIN; without it the system's maximum has to do.
  if (setsockopt(socket, SOL_SOCKET, forced, &kDatagramBufferBytes, sizeof kDatagramBufferBytes) != 0)
    setsockopt(socket, SOL_SOCKET, option, &kDatagramBufferBytes, sizeof kDatagramBufferBytes);
}

// This kernel or device cannot segment: nothing was sent, and datagrams go singly.
bool cannot_segment(int error) {
  return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == ENOPROTOOPT;
}

// 0, or why nothing was sent.
int send_once(int socket, const sockaddr_storage* to, ByteView run, std::size_t segment_bytes) {
  iovec piece{const_cast<std::byte*>(run.data()), run.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (to != nullptr) {
    message.msg_name = const_cast<sockaddr_storage*>(to);
    message.msg_namelen = to->ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  }
  if (run.size() > segment_bytes) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(segment_bytes);
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
  }
  return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ? 0 : errno;
}

using Control = std::array<char, CMSG_SPACE(sizeof(int))>;

std::size_t segment_of(msghdr& message, std::size_t run_bytes) {
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) continue;
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(header), sizeof segment);
    if (segment > 0) return static_cast<std::size_t>(segment);
  }
  return run_bytes;
}

struct SocketSink final : DatagramSink {
  SocketSink(int to_socket, const sockaddr_storage* to_address) : socket(to_socket), to(to_address) {}
  void send_run(ByteView run, std::size_t segment_bytes) override {
    there = io::send_run(socket, to, run, segment_bytes) && there;
  }
  int socket;
  const sockaddr_storage* to;
  bool there = true;
};

}  // namespace

void prepare_datagram_socket(int socket) {
  grow_buffer(socket, SO_RCVBUF, SO_RCVBUFFORCE);
  grow_buffer(socket, SO_SNDBUF, SO_SNDBUFFORCE);
  setsockopt(socket, SOL_UDP, UDP_GRO, &kOn, sizeof kOn);  // before Linux 5.0 datagrams simply come singly
}

// PROBE, and not DO: what somebody claims of the path by ICMP shall not stop us, only what gets lost there.
void allow_fragments(int socket, bool allowed) {
  const int v4 = allowed ? IP_PMTUDISC_WANT : IP_PMTUDISC_PROBE;
  const int v6 = allowed ? IPV6_PMTUDISC_WANT : IPV6_PMTUDISC_PROBE;
  // One of the two is of the other family and refused.
  setsockopt(socket, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof v4);
  setsockopt(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof v6);
}

bool send_run(int socket, const sockaddr_storage* to, ByteView run, std::size_t segment_bytes) {
  const auto error = send_once(socket, to, run, segment_bytes);
  if (error == ECONNREFUSED) return false;
  if (run.size() <= segment_bytes || !cannot_segment(error)) return true;
  bool there = true;
  for_each_datagram(run, segment_bytes, [&](ByteView datagram) {
    there = there && send_once(socket, to, datagram, segment_bytes) != ECONNREFUSED;
  });
  return there;
}

void DatagramBatch::append(ByteView datagram) {
  FB_ASSERT(!full() && datagram.size() <= kMaxBatchedBytes);
  footbridge::append(bytes_, datagram);
  lengths_.push_back(static_cast<std::uint16_t>(datagram.size()));
}

void DatagramBatch::flush(DatagramSink& sink) {
  std::size_t offset = 0;
  for (std::size_t first = 0; first < lengths_.size();) {
    const std::size_t segment = lengths_[first];
    std::size_t bytes = segment;
    std::size_t next = first + 1;
    while (next < lengths_.size() && lengths_[next] == segment) bytes += lengths_[next++];
    if (next < lengths_.size() && lengths_[next] < segment) bytes += lengths_[next++];  // a short one ends the run
    sink.send_run(ByteView(bytes_).subspan(offset, bytes), segment);
    offset += bytes;
    first = next;
  }
  bytes_.clear();
  lengths_.clear();
}

bool DatagramBatch::flush(int socket, const sockaddr_storage* to) {
  SocketSink sink(socket, to);
  flush(sink);
  return sink.there;
}

DatagramReceiver::Outcome DatagramReceiver::receive(int socket, DatagramRuns& runs) {
  alignas(cmsghdr) std::array<Control, kReceiveRuns> controls;
  std::array<sockaddr_storage, kReceiveRuns> sources;
  std::array<iovec, kReceiveRuns> pieces{};
  std::array<mmsghdr, kReceiveRuns> messages{};
  for (std::size_t taken = 0; taken < kReceiveTurnDatagrams;) {
    for (std::size_t i = 0; i < kReceiveRuns; ++i) {
      pieces[i] = {memory_.data() + i * kMaxRunBytes, kMaxRunBytes};
      auto& header = messages[i].msg_hdr;
      header.msg_iov = &pieces[i];
      header.msg_iovlen = 1;
      header.msg_name = &sources[i];
      header.msg_namelen = sizeof sources[i];
      header.msg_control = controls[i].data();
      header.msg_controllen = controls[i].size();
    }
    const int count = recvmmsg(socket, messages.data(), kReceiveRuns, MSG_DONTWAIT, nullptr);
    if (count < 0) return errno == ECONNREFUSED ? Outcome::Gone : Outcome::Done;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const auto run = ByteView(memory_).subspan(i * kMaxRunBytes, messages[i].msg_len);
      const auto segment = segment_of(messages[i].msg_hdr, run.size());
      if (!runs.on_run(sources[i], run, segment)) return Outcome::Done;
      taken += segment == 0 ? 1 : (run.size() + segment - 1) / segment;
    }
    if (static_cast<std::size_t>(count) < kReceiveRuns) break;
  }
  return Outcome::Done;
}

DatagramReceiver& datagram_receiver() {
  thread_local DatagramReceiver receiver;
  return receiver;
}

}  // namespace footbridge::io
