// For tests: a SOCKS5 proxy with UDP ASSOCIATE on loopback, on a thread of its own, that can misbehave. It knows one
// name, "stun.test", which is 127.0.0.1. CONNECT is granted and then silent: who wants more takes a real proxy.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"
#include "io/descriptor.hpp"
#include "io/raw_address.hpp"
#include "io/upstream.hpp"
#include "wire/socks_udp.hpp"

namespace footbridge::io {

struct TestProxyRules {
  std::optional<wire::ProxyCredentials> wants;
  std::uint8_t reply = 0;       // to every request
  bool garbage = false;         // answers like a web server
  bool closes = false;          // at the greeting, in order
  bool resets = false;          // at the greeting, as when it is restarted
  bool hesitates = false;       // admits us, and never replies to the request
  bool swallows = false;        // grants associations and sends nothing on
  bool names_nonsense = false;  // says that the association's port is at 192.0.2.1
};

class TestSocksProxy {
 public:
  explicit TestSocksProxy(TestProxyRules rules = {}) : rules_(std::move(rules)) {
    listener_ = bound(SOCK_STREAM);
    FB_ASSERT(::listen(listener_.get(), 16) == 0);
    at_ = *bound_to(listener_.get());
    thread_ = std::thread([this] { run(); });
  }
  ~TestSocksProxy() {
    stopping_ = true;
    thread_.join();
  }

  Upstream upstream(std::optional<wire::ProxyCredentials> credentials = std::nullopt) const {
    Upstream out{Private(at_), std::nullopt, {}};
    if (credentials) out.credentials = Private(std::move(*credentials));
    return out;
  }
  Endpoint at() const { return at_; }
  std::size_t datagrams() const { return datagrams_; }  // from inside
  std::size_t requests() const { return requests_; }
  // Where the last connection came from.
  std::optional<IpAddress> last_peer() const {
    const std::lock_guard lock(mutex_);
    return last_peer_ ? std::optional(last_peer_->address) : std::nullopt;
  }
  // Closes the TCP connections of all associations.
  void drop() { dropping_ = true; }
  // Sends a datagram to the client of the last association, as if `from` had sent it.
  void forge(const Endpoint& from, Bytes datagram) {
    const std::lock_guard lock(mutex_);
    forged_.emplace_back(from, std::move(datagram));
  }

 private:
  static constexpr int kPollMs = 2;
  struct Association {
    Descriptor tcp, inside, outside;
    std::optional<sockaddr_storage> client;
  };

  static Descriptor bound(int type) {
    Descriptor out(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const auto any = to_raw({IpAddress::v4(0x7f000001), 0});
    FB_ASSERT(bind(out.get(), generic(any), length_of(any)) == 0);
    return out;
  }
  static Bytes read(int socket, std::size_t bytes) {
    Bytes out(bytes);
    return ::recv(socket, out.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes) ? out : Bytes();
  }
  static void say(int socket, const Bytes& words) { ::send(socket, words.data(), words.size(), MSG_NOSIGNAL); }
  static Bytes words(std::initializer_list<int> values) {
    Bytes out;
    for (const auto value : values) out.push_back(static_cast<std::byte>(value));
    return out;
  }

  bool admit(int socket) {
    const auto head = read(socket, 2);
    if (head.empty()) return false;
    read(socket, std::to_integer<std::size_t>(head[1]));
    constexpr linger kReset{1, 0};
    if (rules_.resets) setsockopt(socket, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
    if (rules_.closes || rules_.resets) return false;
    if (rules_.garbage) return say(socket, to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")), false;
    if (!rules_.wants) return say(socket, words({5, 0})), true;
    if (head[1] < std::byte{2}) return say(socket, words({5, 0xff})), false;
    say(socket, words({5, 2}));
    const auto text = [&] {
      const auto length = read(socket, 1);
      return length.empty() ? std::string() : to_string(read(socket, std::to_integer<std::size_t>(length[0])));
    };
    read(socket, 1);
    const auto user = text();
    const bool right = wire::ProxyCredentials{user, text()} == *rules_.wants;
    say(socket, words({1, right ? 0 : 1}));
    return right;
  }

  void accept() {
    Association made;
    sockaddr_storage peer{};
    socklen_t bytes = sizeof peer;
    made.tcp = Descriptor(::accept(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &bytes));
    {
      const std::lock_guard lock(mutex_);
      last_peer_ = from_raw(peer);
    }
    if (!admit(made.tcp.get())) return;
    const auto request = read(made.tcp.get(), 4);
    if (request.empty()) return;
    const auto type = std::to_integer<int>(request[3]);
    const auto rest = type == 1 ? 6 : type == 4 ? 18 : 2 + std::to_integer<std::size_t>(read(made.tcp.get(), 1)[0]);
    read(made.tcp.get(), rest);
    ++requests_;
    made.inside = bound(SOCK_DGRAM);
    made.outside = bound(SOCK_DGRAM);
    Bytes reply = words({5, rules_.reply, 0, 1});
    const auto at = *bound_to(made.inside.get());
    ByteWriter(reply).u32(rules_.names_nonsense ? 0xc0000201 : at.address.v4_host_order()).u16(at.port);
    if (!rules_.hesitates) say(made.tcp.get(), reply);
    if (rules_.reply == 0) all_.push_back(std::move(made));
  }

  void carry_out(Association& a) {
    std::array<std::byte, 65'536> memory{};
    sockaddr_storage from{};
    socklen_t bytes = sizeof from;
    const auto got = ::recvfrom(a.inside.get(), memory.data(), memory.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&from), &bytes);
    if (got < 0) return;
    ++datagrams_;
    a.client = from;
    const auto parsed = wire::parse_socks_datagram(ByteView(memory).first(static_cast<std::size_t>(got)));
    if (!parsed || rules_.swallows) return;
    const auto& [host, port] = parsed->to.reveal_to_socket();
    const auto* const literal = std::get_if<IpAddress>(&host);
    if (literal == nullptr && std::get<std::string>(host) != "stun.test") return;
    const auto to = to_raw({literal != nullptr ? *literal : IpAddress::v4(0x7f000001), port});
    ::sendto(a.outside.get(), parsed->payload.data(), parsed->payload.size(), MSG_DONTWAIT, generic(to), length_of(to));
  }

  void bring_in(Association& a, const Endpoint& from, ByteView datagram) {
    const auto framed = wire::encode_socks_datagram({Private(wire::Destination{from.address, from.port}), datagram});
    if (a.client && framed)
      ::sendto(a.inside.get(), framed->data(), framed->size(), MSG_DONTWAIT, generic(*a.client), length_of(*a.client));
  }

  void carry_in(Association& a) {
    std::array<std::byte, 65'536> memory{};
    sockaddr_storage from{};
    socklen_t bytes = sizeof from;
    const auto got = ::recvfrom(a.outside.get(), memory.data(), memory.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&from), &bytes);
    if (got >= 0) bring_in(a, *from_raw(from), ByteView(memory).first(static_cast<std::size_t>(got)));
  }

  void run() {
    while (!stopping_) {
      std::vector<pollfd> wait{{listener_.get(), POLLIN, 0}};
      for (const auto& a : all_) {
        wait.push_back({a.inside.get(), POLLIN, 0});
        wait.push_back({a.outside.get(), POLLIN, 0});
      }
      ::poll(wait.data(), wait.size(), kPollMs);
      for (auto& a : all_) {
        carry_out(a);
        carry_in(a);
      }
      if (wait[0].revents != 0) accept();
      if (dropping_.exchange(false)) all_.clear();
      const std::lock_guard lock(mutex_);
      for (const auto& [from, datagram] : std::exchange(forged_, {}))
        if (!all_.empty()) bring_in(all_.back(), from, datagram);
    }
  }

  TestProxyRules rules_;
  Descriptor listener_;
  Endpoint at_;
  std::list<Association> all_;  // the thread's
  mutable std::mutex mutex_;
  std::optional<Endpoint> last_peer_;               // under mutex_
  std::vector<std::pair<Endpoint, Bytes>> forged_;  // under mutex_
  std::atomic<bool> stopping_{false};
  std::atomic<bool> dropping_{false};
  std::atomic<std::size_t> datagrams_{0};
  std::atomic<std::size_t> requests_{0};
  std::thread thread_;
};

}  // namespace footbridge::io
