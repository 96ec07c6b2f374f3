#include "io/socks_association.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>
#include <variant>

#include "io/raw_address.hpp"
#include "wire/socks_udp.hpp"

namespace footbridge::io {
namespace {

constexpr int kOn = 1;
constexpr int kKeepAliveSeconds = 60;  // translators forget a silent TCP connection after minutes, and with it ours

bool bind_to(const Descriptor& socket, const IpAddress& address) {
  const auto local = to_raw({address, 0});
  return bind(socket.get(), generic(local), length_of(local)) == 0;
}

}  // namespace

SocksAssociation::SocksAssociation(Upstream upstream, std::optional<Private<wire::Destination>> stun_server)
    : upstream_(std::move(upstream)), stun_server_(std::move(stun_server)), socks_(upstream_.credentials) {}

SocksAssociation::~SocksAssociation() = default;

void SocksAssociation::start(DetourEvents& events) {
  events_ = &events;
  state_ = State::Connecting;
  if (begin()) return;
  ready_ = Descriptor();
  end(UpstreamErrc::Unreachable);
}

bool SocksAssociation::watch(int descriptor, std::uint32_t what) {
  epoll_event event{};
  event.events = what;
  event.data.fd = descriptor;
  return epoll_ctl(ready_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0 ||
         (errno == EEXIST && epoll_ctl(ready_.get(), EPOLL_CTL_MOD, descriptor, &event) == 0);
}

bool SocksAssociation::begin() {
  const auto& proxy = upstream_.proxy.reveal_to_socket();
  const auto family = proxy.address.family();
  if (!upstream_.local.admits(family)) return false;
  const auto to = to_raw(proxy);
  ready_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  tcp_ = Descriptor(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!ready_ || !tcp_) return false;
  setsockopt(tcp_.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  setsockopt(tcp_.get(), SOL_SOCKET, SO_KEEPALIVE, &kOn, sizeof kOn);
  setsockopt(tcp_.get(), IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveSeconds, sizeof kKeepAliveSeconds);
  const auto local = upstream_.local.towards(family);
  if (local && !bind_to(tcp_, *local)) return false;
  if (connect(tcp_.get(), generic(to), length_of(to)) != 0 && errno != EINPROGRESS) return false;
  return watch(tcp_.get(), EPOLLOUT);
}

void SocksAssociation::work() {
  std::array<epoll_event, 2> events{};
  const int count = epoll_wait(ready_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count && state_ != State::Over; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (udp_ && event.data.fd == udp_.get()) {
      datagram_receiver().receive(udp_.get(), *this);
    } else if (state_ == State::Connecting) {
      on_connected();
    } else {
      on_readable();
      if (!unsaid_.empty() && state_ != State::Over) say();
    }
  }
}

void SocksAssociation::on_connected() {
  int error = 0;
  socklen_t bytes = sizeof error;
  if (getsockopt(tcp_.get(), SOL_SOCKET, SO_ERROR, &error, &bytes) != 0 || error != 0)
    return end(UpstreamErrc::Unreachable);
  state_ = State::Shaking;
  say();
}

void SocksAssociation::say() {
  append(unsaid_, socks_.take_output());
  const auto sent = ::send(tcp_.get(), unsaid_.data(), unsaid_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return end(UpstreamErrc::Unreachable);
  unsaid_.erase(unsaid_.begin(), unsaid_.begin() + std::max<ssize_t>(sent, 0));
  if (!watch(tcp_.get(), unsaid_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT)) end(UpstreamErrc::Failed);
}

void SocksAssociation::on_readable() {
  std::array<std::byte, wire::kMaxSocks5AnswerBytes> memory{};
  const auto got = ::recv(tcp_.get(), memory.data(), memory.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (state_ != State::Shaking) {
    if (got <= 0) end(UpstreamErrc::Failed);
    return;
  }
  // Who closes in the middle of the handshake did not understand it, or did not want to; a reset says nothing of that.
  if (got <= 0) return end(got == 0 ? UpstreamErrc::NotSocks5 : UpstreamErrc::Unreachable);
  const auto taken = socks_.on_bytes(ByteView(memory).first(static_cast<std::size_t>(got)));
  if (!taken) return end(upstream_errc(taken.error()));
  if (socks_.state() == wire::Socks5Client::State::Done) return open();
  say();
}

void SocksAssociation::open() {
  auto to_proxy = upstream_.proxy.reveal_to_socket();
  to_proxy.port = socks_.bound_port();
  const auto to = to_raw(to_proxy);
  const auto local = bound_to(tcp_.get());
  far_side_ = Private(*from_raw(to));
  udp_ = Descriptor(::socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!local || !udp_ || !bind_to(udp_, local->address) || connect(udp_.get(), generic(to), length_of(to)) != 0)
    return end(UpstreamErrc::Unreachable);
  prepare_datagram_socket(udp_.get());
  if (!watch(udp_.get(), EPOLLIN)) return end(UpstreamErrc::Failed);
  state_ = State::Open;
  events_->on_detour_open();
}

void SocksAssociation::end(UpstreamErrc why) {
  state_ = State::Over;
  why_ = why;
  udp_ = Descriptor();
  tcp_ = Descriptor();
  events_->on_detour_over();
}

void SocksAssociation::allow_fragments(bool allowed) {
  if (udp_) io::allow_fragments(udp_.get(), allowed);
}

ByteView SocksAssociation::header_of(const wire::Destination& to) {
  if (last_header_.empty() || last_to_.reveal_to_socket() != to) {
    auto header = wire::encode_socks_datagram({Private(to), {}});
    if (!header) return {};
    last_header_ = std::move(*header);
    last_to_ = Private(to);
  }
  return last_header_;
}

// The header is the same for all, so a run stays a run.
void SocksAssociation::send_run(const wire::Destination& to, ByteView run, std::size_t segment_bytes) {
  const auto header = header_of(to);
  if (state_ != State::Open || header.empty()) return;
  const auto segment = header.size() + segment_bytes;
  const auto flush = [&] {
    io::send_run(udp_.get(), nullptr, framed_, segment);
    framed_.clear();
  };
  for_each_datagram(run, segment_bytes, [&](ByteView datagram) {
    if (framed_.size() + header.size() + datagram.size() > kMaxBatchBytes) flush();
    append(framed_, header);
    append(framed_, datagram);
  });
  flush();
}

bool SocksAssociation::on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) {
  // Until connect() anybody was let in.
  if (from_raw(from) != far_side_.reveal_to_socket()) return true;
  for_each_datagram(run, segment_bytes, [&](ByteView datagram) {
    if (state_ != State::Open) return;
    if (const auto parsed = wire::parse_socks_datagram(datagram))
      events_->on_detour_datagram(parsed->to.reveal_to_socket(), parsed->payload);
  });
  return state_ == State::Open;
}

}  // namespace footbridge::io
