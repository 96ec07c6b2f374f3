#include "transport/udp/server.hpp"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <cstring>
#include <netinet/in.h>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/listener.hpp"

namespace footbridge::udp {
namespace {

Endpoint endpoint_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return {IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof v6);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return {IpAddress::v6(bytes), ntohs(v6.sin6_port)};
}

void check(const io::error_code& error, const Endpoint& address) {
  if (error)
    throw io::ListenError("--relay-udp-port " + address.to_text() + ": " + error.message() + "; choose another port");
}

}  // namespace

class Server::LegLine final : public Line {
 public:
  LegLine(Server& server, const sockaddr_storage& to, const Endpoint& peer) : server_(server), to_(to), peer_(peer) {}
  ~LegLine() override { server_.legs_.erase(peer_.reveal_to_socket()); }
  void start(Leg&) override {}  // the server reads
  bool flush(io::DatagramBatch& batch) override { return batch.flush(server_.socket_.native_handle(), &to_); }

 private:
  Server& server_;
  sockaddr_storage to_;
  Private<Endpoint> peer_;
};

Server::Server(asio::any_io_executor executor, const Endpoint& address, const core::UdpCookieJar& jar, Gate& gate,
               Rng& rng)
    : executor_(executor), jar_(jar), gate_(gate), rng_(rng), socket_(std::move(executor)) {
  const auto endpoint = io::to_udp(address);
  io::error_code error;
  socket_.open(endpoint.protocol(), error);
  check(error, address);
  if (!address.address.is_v4()) socket_.set_option(asio::ip::v6_only(true), error);
  check(error, address);
  socket_.bind(endpoint, error);
  check(error, address);
  io::prepare_datagram_socket(socket_.native_handle());
  local_ = io::from_asio(socket_.local_endpoint());
}

Server::~Server() {
  *gone_ = true;
  FB_ASSERT(legs_.empty());
}

void Server::start() { wait_readable(); }

void Server::wait_readable() {
  socket_.async_wait(asio::socket_base::wait_read, [this, gone = gone_](io::error_code error) {
    if (*gone || error) return;
    now_ = io::now();
    io::datagram_receiver().receive(socket_.native_handle(), *this);
    wait_readable();
  });
}

bool Server::on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) {
  const auto peer = endpoint_of(from);
  if (const auto found = legs_.find(peer); found != legs_.end()) {
    found->second->on_run(now_, run, segment_bytes);
  } else if (!draining_) {
    // Who begins says one thing at a time; the rest of a run is a stranger's noise.
    on_stranger(from, peer, run.first(std::min(segment_bytes, run.size())));
  }
  return true;
}

void Server::on_stranger(const sockaddr_storage& from, const Endpoint& peer, ByteView datagram) {
  const auto enter = core::parse_udp_enter(datagram);
  if (enter && jar_.is_ours(now_, peer.address, enter->token, enter->cookie)) return begin(from, peer, *enter);
  const auto token = core::parse_udp_knock(datagram);
  if (!token) return;
  const auto port = gate_.port_for(now_, *token);
  if (!port) return;
  io::DatagramBatch answer;
  answer.append(jar_.reply(now_, peer.address, *token, *port));
  static_cast<void>(answer.flush(socket_.native_handle(), &from));
}

void Server::begin(const sockaddr_storage& from, const Endpoint& peer, const core::UdpEnter& enter) {
  auto admitted = gate_.admit(now_, peer, enter.token);
  if (!admitted) return;
  core::UdpCookie cookie{};
  std::copy(enter.cookie.begin(), enter.cookie.end(), cookie.begin());
  auto leg = std::make_unique<Leg>(executor_,
                                   Leg::Parts{.line = std::make_unique<LegLine>(*this, from, peer),
                                              .signals = {core::UdpEnd::Egress, cookie, enter.token},
                                              .permit = std::move(admitted->permit),
                                              .enter = to_bytes(enter.whole)},
                                   rng_);
  legs_.emplace(peer, leg.get());
  gate_.take(std::move(leg), admitted->match, peer);
}

}  // namespace footbridge::udp
