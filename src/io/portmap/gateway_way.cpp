#include "io/portmap/gateway_way.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <span>
#include <utility>
#include <variant>

#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::io {
namespace {

using core::MapFailure;
using Question = core::PortLeases::Question;
using wire::PortControlResponse;

// On a home's own network an answer takes milliseconds; Wi-Fi that sleeps takes hundreds (RFC 6886 §3.1 begins so,
// too).
constexpr std::array<Millis, 3> kPcpWaits{Millis{250}, Millis{500}, Millis{1'000}};
constexpr std::array<Millis, 3> kPmpWaits{Millis{250}, Millis{500}, Millis{1'000}};

// RFC 6887 §7.4 and RFC 6886 §3.5: what another port may change, and what nothing will.
constexpr std::uint8_t kPcpCannotProvideExternal = 11;
constexpr std::uint8_t kPcpAddressMismatch = 12;

MapFailure failure_of_pcp(std::uint8_t result) {
  if (result == kPcpCannotProvideExternal) return MapFailure::Taken;
  if (result == kPcpAddressMismatch) return MapFailure::Unusable;  // another translation is between us and the router
  return MapFailure::Refused;
}

// One response that `is_answer` recognises; an error: nobody listens there.
using Heard = Result<PortControlResponse, MapFailure>;
asio::awaitable<Heard> hear(asio::ip::udp::socket& socket, std::function<bool(const PortControlResponse&)> is_answer) {
  std::array<std::byte, wire::kMaxPortControlBytes + 1> datagram{};
  for (;;) {
    const auto [error, bytes] = co_await socket.async_receive(asio::buffer(datagram), no_throw);
    throw_if_aborted(error);
    if (error) co_return MapFailure::Silent;  // port unreachable, mostly
    auto response = wire::parse_port_control(ByteView(datagram).first(bytes));
    if (response && is_answer(*response)) co_return std::move(*response);
  }
}

asio::awaitable<Heard> exchange(asio::ip::udp::socket& socket, Bytes question, std::span<const Millis> waits,
                                std::function<bool(const PortControlResponse&)> is_answer) {
  for (const auto wait : waits) {
    const auto [error, sent] = co_await socket.async_send(asio::buffer(question), no_throw);
    throw_if_aborted(error);
    if (error) co_return MapFailure::Silent;
    if (auto heard = co_await with_deadline(wait, hear(socket, is_answer))) co_return std::move(*heard);
  }
  co_return MapFailure::Silent;
}

bool is_version_refused(const PortControlResponse& response) {
  return std::holds_alternative<wire::VersionRefused>(response);
}

}  // namespace

asio::awaitable<PortMapWay::Answer> GatewayWay::ask(Question question) {
  const auto home = find_();
  if (!home) co_return MapFailure::NoRouter;
  asio::ip::udp::socket socket(executor_);
  error_code error;
  socket.open(asio::ip::udp::v4(), error);
  if (!error) socket.connect(to_udp({home->router.reveal_to_socket(), port_}), error);
  if (error) co_return MapFailure::NoRouter;
  if (!older_) {
    auto answer = co_await ask_pcp(socket, question);
    if (answer || answer.error() != MapFailure::Silent) co_return std::move(answer);
  }
  auto answer = co_await ask_pmp(socket, question);
  if (answer) older_ = true;
  co_return std::move(answer);
}

wire::PcpNonce GatewayWay::nonce_of(std::uint16_t local_port) {
  const auto found = std::ranges::find(nonces_, local_port, [](const auto& known) { return known.first; });
  if (found != nonces_.end()) {
    std::rotate(found, found + 1, nonces_.end());
  } else {
    if (nonces_.size() == kMaxNonces) nonces_.erase(nonces_.begin());
    nonces_.emplace_back(local_port, rng_.array<12>());
  }
  return nonces_.back().second;
}

void GatewayWay::forget_nonce(std::uint16_t local_port) {
  std::erase_if(nonces_, [local_port](const auto& known) { return known.first == local_port; });
}

// Silent: the router does not speak PCP.
asio::awaitable<PortMapWay::Answer> GatewayWay::ask_pcp(Socket& socket, Question question) {
  const auto nonce = nonce_of(question.local_port);
  if (question.lifetime == Seconds{0}) forget_nonce(question.local_port);
  wire::PcpMap map;
  map.nonce = nonce;
  map.client = Private(from_asio(socket.local_endpoint()).address);
  map.internal_port = question.local_port;
  map.external = question.held;
  map.lifetime_s = static_cast<std::uint32_t>(question.lifetime.count());
  const auto heard = co_await exchange(socket, wire::encode_pcp_map(map), kPcpWaits, [&](const auto& response) {
    const auto* mapped = std::get_if<wire::PcpMapped>(&response);
    return is_version_refused(response) ||
           (mapped != nullptr && mapped->nonce == nonce && mapped->internal_port == question.local_port);
  });
  if (!heard) co_return heard.error();
  const auto* mapped = std::get_if<wire::PcpMapped>(&*heard);
  if (mapped == nullptr) co_return MapFailure::Silent;
  if (mapped->result != 0) {
    const auto failure = failure_of_pcp(mapped->result);
    if (failure == MapFailure::Taken) forget_nonce(question.local_port);  // that port is left
    co_return failure;
  }
  co_return Grant{mapped->external, Seconds{mapped->lifetime_s}};
}

asio::awaitable<PortMapWay::Answer> GatewayWay::ask_pmp(Socket& socket, Question question) {
  const bool release = question.lifetime == Seconds{0};
  wire::PmpMap map;
  map.internal_port = question.local_port;
  map.external_port = release ? std::uint16_t{0} : question.local_port;  // RFC 6886 §3.4: 0 when it ends
  if (question.held && !release) map.external_port = question.held->reveal_to_socket().port;
  map.lifetime_s = static_cast<std::uint32_t>(question.lifetime.count());
  const auto heard = co_await exchange(socket, wire::encode_pmp_map(map), kPmpWaits, [&](const auto& response) {
    const auto* mapped = std::get_if<wire::PmpMapped>(&response);
    return is_version_refused(response) || (mapped != nullptr && mapped->internal_port == question.local_port);
  });
  if (!heard) co_return heard.error();
  const auto* mapped = std::get_if<wire::PmpMapped>(&*heard);
  if (mapped == nullptr) co_return MapFailure::Silent;
  if (mapped->result != 0) co_return MapFailure::Refused;
  if (release) co_return Grant{};
  const auto asked = co_await exchange(socket, wire::encode_pmp_address(), kPmpWaits, [](const auto& response) {
    return std::holds_alternative<wire::PmpAddress>(response);
  });
  if (!asked) co_return asked.error();
  const auto& address = std::get<wire::PmpAddress>(*asked);
  if (address.result != 0) co_return MapFailure::Refused;
  co_return Grant{Private(Endpoint{address.external.reveal_to_socket(), mapped->external_port}),
                  Seconds{mapped->lifetime_s}};
}

}  // namespace footbridge::io
