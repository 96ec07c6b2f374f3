#include "programs/doctor/udp_probe.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>

#include "core/nat/stun_question.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::doctor {
namespace {

using core::StunReach;
using Socket = asio::ip::udp::socket;
constexpr std::size_t kMaxAnswerBytes = 2'048;  // more than a datagram of these has

struct Heard {
  io::error_code error;
  Bytes datagram;
};

asio::awaitable<Heard> hear(Socket& socket) {
  Bytes into(kMaxAnswerBytes);
  const auto [error, size] = co_await socket.async_receive(asio::buffer(into.data(), into.size()), io::no_throw);
  io::throw_if_aborted(error);
  into.resize(size);
  co_return Heard{error, std::move(into)};
}

}  // namespace

asio::awaitable<StunSeen> probe_stun(Private<Endpoint> server, Rng& rng) {
  const auto to = server.reveal_to_socket();
  Socket socket(co_await asio::this_coro::executor);
  io::error_code error;
  socket.open(to.address.is_v4() ? asio::ip::udp::v4() : asio::ip::udp::v6(), error);
  if (!error) socket.connect(io::to_udp(to), error);
  if (error) co_return StunSeen{StunReach::NotSent};
  const auto began = io::now();
  core::StunQuestion question(began, 0, to, wire::StunChange::None, to, rng);
  auto reach = StunReach::NotSent;  // until a packet has left
  for (;;) {
    const auto now = io::now();
    question.on_deadline(now);
    if (const auto datagram = question.poll(now)) {
      socket.send(asio::buffer(datagram->data(), datagram->size()), 0, error);
      // What came back for an earlier packet is told by the next one.
      if (error == asio::error::connection_refused) co_return StunSeen{StunReach::NobodyThere};
      if (!error) reach = StunReach::Silent;
    }
    if (question.over()) co_return StunSeen{reach};
    const auto heard = co_await io::with_deadline(question.deadline().value_or(now), hear(socket));
    if (!heard) continue;
    if (heard->error == asio::error::connection_refused) co_return StunSeen{StunReach::NobodyThere};
    const auto answer = wire::parse_stun_answer(heard->datagram);
    if (answer && question.on_answer(0, to, *answer)) co_return StunSeen{StunReach::Answers, io::now() - began};
  }
}

}  // namespace footbridge::doctor
