#include "io/nat_prober.hpp"

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/endpoint.hpp"

namespace footbridge::io {
namespace {

using asio::ip::udp;
using core::NatDiscovery;

// Taken from one socket before others get their turn: more than all answers of a round.
constexpr int kDatagramsPerTurn = 16;

}  // namespace

struct NatProber::Sockets {
  NatProber* prober;  // null: it is gone
  std::array<std::optional<udp::socket>, NatDiscovery::kSockets> at{};
};

NatProber::NatProber(asio::any_io_executor executor, core::NatDiscoveryTerms terms, LocalAddresses local,
                     core::NatCache& cache, Rng& rng, OnDone on_done, OnServer on_server)
    : executor_(std::move(executor)),
      own_(terms.own),
      local_(std::move(local)),
      cache_(cache),
      discovery_(std::move(terms), rng),
      on_done_(std::move(on_done)),
      on_server_(std::move(on_server)),
      timer_(executor_,
             [this](TimePoint now) {
               discovery_.on_deadline(now);
               settle(now);
             }),
      sockets_(std::make_shared<Sockets>(Sockets{this})) {
  asio::post(executor_, [sockets = sockets_] {
    if (sockets->prober != nullptr) sockets->prober->begin();
  });
}

NatProber::~NatProber() {
  sockets_->prober = nullptr;
  for (auto& socket : sockets_->at) socket.reset();
}

void NatProber::begin() {
  const auto start = now();
  discovery_.start(start);
  settle(start);
}

void NatProber::settle(TimePoint now) {
  ask_cache(now);
  while (const auto news = discovery_.poll_server())
    if (on_server_) on_server_(news->server, news->answers);
  while (const auto what = discovery_.poll(now)) send(*what);
  timer_.arm(discovery_.deadline());
  if (discovery_.done()) finish(now);
}

void NatProber::wait(const std::shared_ptr<Sockets>& sockets, core::NatSocket which) {
  sockets->at[which]->async_wait(udp::socket::wait_read, [sockets, which](error_code error) {
    if (error || sockets->prober == nullptr || !sockets->at[which]) return;
    sockets->prober->read(which);
    sockets->prober->settle(now());
    if (sockets->at[which]) wait(sockets, which);
  });
}

void NatProber::send(const NatDiscovery::Send& what) {
  const auto& to = what.to.reveal_to_socket();
  auto& socket = sockets_->at[what.socket];
  if (!socket) open(what.socket, to.address.family());
  error_code lost;
  socket->send_to(asio::buffer(what.datagram), to_udp(to), 0, lost);
}

void NatProber::open(core::NatSocket which, Family family) {
  auto& socket = sockets_->at[which].emplace(executor_);
  error_code error;
  socket.open(family == Family::V4 ? udp::v4() : udp::v6(), error);
  if (!error) socket.non_blocking(true, error);
  const auto from = local_.towards(family);
  const auto any = family == Family::V4 ? udp::endpoint(udp::v4(), 0) : udp::endpoint(udp::v6(), 0);
  if (!error) socket.bind(from ? udp::endpoint(to_asio(*from), 0) : any, error);
  error_code ignored;
  if (error)
    socket.close(ignored);  // not from another address than the one that was asked for: nothing is sent
  else
    wait(sockets_, which);
}

void NatProber::read(core::NatSocket which) {
  std::array<std::byte, wire::kMaxStunBytes + 1> datagram{};  // one more, so that a longer one is seen to be too long
  udp::endpoint from;
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    error_code error;
    const auto length = sockets_->at[which]->receive_from(asio::buffer(datagram), from, 0, error);
    if (error) return;
    discovery_.on_datagram(now(), which, from_asio(from), ByteView(datagram).first(length));
  }
}

// Once Probing has shown where we are.
void NatProber::ask_cache(TimePoint now) {
  const auto state = discovery_.state();
  if (key_ || state == NatDiscovery::State::Idle || state == NatDiscovery::State::Probing) return;
  const auto outside = discovery_.outside();
  if (!outside) return;
  key_ = cache_.key_of(own_, outside->reveal_to_socket());
  if (discovery_.done()) return;
  if (const auto known = cache_.find(now, *key_)) discovery_.settle_with(*known);
}

void NatProber::finish(TimePoint now) {
  if (!on_done_) return;
  for (auto& socket : sockets_->at) socket.reset();
  const auto report = discovery_.report();
  const bool measured = report.nat.mapping != wire::NatBehaviour::Unknown;
  if (key_ && measured && !cache_.find(now, *key_)) cache_.keep(now, *key_, report);
  std::exchange(on_done_, nullptr)(now, report);
}

}  // namespace footbridge::io
