#include "transport/webrtc/stand_ins.hpp"

#include <algorithm>
#include <array>
#include <glib-unix.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <variant>

#include "base/byte_reader.hpp"
#include "io/datagrams.hpp"
#include "io/raw_address.hpp"
#include "wire/stun.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::uint32_t kLoopback = 0x7f000001;

// What a question to a STUN server and its answer have in common. libnice asks as RFC 3489 has it, whose 16 bytes of
// transaction take in the place where newer messages have a cookie.
constexpr std::size_t kExchangeAt = 4;
constexpr std::size_t kExchangeBytes = 16;
using StunExchange = std::array<std::byte, kExchangeBytes>;

constexpr std::uint16_t kBindingRequest = 0x0001;
constexpr std::uint16_t kBindingSuccess = 0x0101;

std::optional<std::uint16_t> type_of(ByteView datagram) { return ByteReader(datagram).u16(); }

std::optional<StunExchange> exchange_of(ByteView datagram) {
  if (datagram.size() < kExchangeAt + kExchangeBytes) return std::nullopt;
  StunExchange out{};
  std::ranges::copy(datagram.subspan(kExchangeAt, kExchangeBytes), out.begin());
  return out;
}

// Checks say who asks whom, questions to a server do not.
bool is_check(ByteView datagram) {
  const auto parsed = wire::parse_stun(datagram);
  return parsed && !parsed->username.empty();
}

bool connect_to(const io::Descriptor& socket, const Endpoint& to) {
  const auto raw = io::to_raw(to);
  return connect(socket.get(), io::generic(raw), io::length_of(raw)) == 0;
}

}  // namespace

struct StandIns::One {
  ~One() {
    if (watch == nullptr) return;
    g_source_destroy(watch);
    g_source_unref(watch);
  }

  StandIns* all = nullptr;
  Private<wire::Destination> far_end;
  io::Descriptor socket;
  Endpoint at;
  GSource* watch = nullptr;
};

struct StandIns::Question {
  StunExchange exchange{};
  Endpoint server;  // its stand-in
};

StandIns::StandIns(GMainContext* context, io::Detour& detour) : context_(context), detour_(detour) {}
StandIns::~StandIns() = default;

bool StandIns::serve(const Endpoint& ice) {
  ice_ = ice;
  return std::ranges::all_of(all_, [&](const auto& one) { return connect_to(one->socket, ice); });
}

std::optional<Endpoint> StandIns::stand_in(const wire::Destination& far_end) {
  auto* const known = find(far_end);
  const auto* const one = known != nullptr ? known : make(far_end);
  return one != nullptr ? std::optional(one->at) : std::nullopt;
}

std::optional<wire::Destination> StandIns::behind(const Endpoint& stand_in) const {
  const auto found = std::ranges::find_if(all_, [&](const auto& one) { return one->at == stand_in; });
  return found != all_.end() ? std::optional((*found)->far_end.reveal_to_socket()) : std::nullopt;
}

StandIns::One* StandIns::find(const wire::Destination& far_end) {
  const auto found =
      std::ranges::find_if(all_, [&](const auto& one) { return one->far_end.reveal_to_socket() == far_end; });
  return found != all_.end() ? found->get() : nullptr;
}

StandIns::One* StandIns::make(const wire::Destination& far_end) {
  if (all_.size() >= kMaxStandIns) return nullptr;
  auto one = std::make_unique<One>();
  one->all = this;
  one->far_end = Private(far_end);
  one->socket = io::Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto any_port = io::to_raw({IpAddress::v4(kLoopback), 0});
  if (!one->socket || bind(one->socket.get(), io::generic(any_port), io::length_of(any_port)) != 0) return nullptr;
  if (ice_ && !connect_to(one->socket, *ice_)) return nullptr;
  const auto at = io::bound_to(one->socket.get());
  if (!at) return nullptr;
  one->at = *at;
  one->watch = g_unix_fd_source_new(one->socket.get(), G_IO_IN);
  g_source_set_callback(one->watch, G_SOURCE_FUNC(&StandIns::readable), one.get(), nullptr);
  g_source_attach(one->watch, context_);
  return all_.emplace_back(std::move(one)).get();
}

gboolean StandIns::readable(gint, GIOCondition, gpointer self) {
  auto& one = *static_cast<One*>(self);
  struct Sink final : io::DatagramRuns {
    explicit Sink(One& to) : one(to) {}
    bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) override {
      // Of whatever came before connect() only ICE's counts: the rest is a stranger's on this machine.
      if (!one.all->ice_ || io::from_raw(from) != one.all->ice_) return true;
      io::for_each_datagram(run, segment_bytes, [&](ByteView datagram) { one.all->send_on(one, datagram); });
      return true;
    }
    One& one;
  } sink(one);
  io::datagram_receiver().receive(one.socket.get(), sink);
  return G_SOURCE_CONTINUE;
}

void StandIns::send_on(One& one, ByteView datagram) {
  const auto& to = one.far_end.reveal_to_socket();
  const auto* const address = std::get_if<IpAddress>(&to.host);
  if (type_of(datagram) == kBindingRequest && !is_check(datagram) && !may_ask(one, datagram)) return;
  const auto header = wire::parse_stun_header(datagram);
  if (!header || header->kind != wire::StunKind::Success || address == nullptr)
    return detour_.send_run(to, datagram, datagram.size());
  auto answer = wire::encode_stun_success(header->transaction, {*address, to.port});
  seal(answer, local_.pwd);
  detour_.send_run(to, answer, answer.size());
}

bool StandIns::is_check_for_us(ByteView datagram) const {
  const auto parsed = wire::parse_stun(datagram);
  return parsed && parsed->kind == wire::StunKind::Request &&
         parsed->username.starts_with(local_.ufrag.reveal_to_socket() + ":") &&
         is_authentic(*parsed, datagram, local_.pwd);
}

const StandIns::Question* StandIns::answered_by(ByteView datagram) const {
  const auto exchange = exchange_of(datagram);
  const auto found = std::ranges::find_if(questions_, [&](const auto& asked) { return asked.exchange == exchange; });
  return found != questions_.end() ? &*found : nullptr;
}

// False: its answer could not be told from others', so it is not asked.
bool StandIns::may_ask(const One& server, ByteView question) {
  const auto exchange = exchange_of(question);
  if (!exchange) return false;
  if (answered_by(question) != nullptr) return true;  // asked again, because nothing came
  if (questions_.size() >= kMaxStunQuestions) return false;
  questions_.push_back({*exchange, server.at});
  return true;
}

// Who is not known yet is a STUN server that we named to the proxy by name only, under the address which that has, or
// somebody whom our description has reached.
StandIns::One* StandIns::whom(const wire::Destination& from, ByteView datagram) {
  if (auto* const known = find(from)) return known;
  if (const auto* const asked = answered_by(datagram)) {
    const auto server = std::ranges::find_if(all_, [&](const auto& one) { return one->at == asked->server; });
    const bool by_name = std::holds_alternative<std::string>((*server)->far_end.reveal_to_socket().host);
    return by_name ? server->get() : nullptr;
  }
  return is_check_for_us(datagram) ? make(from) : nullptr;
}

void StandIns::on_datagram(const wire::Destination& from, ByteView datagram) {
  if (!ice_) return;
  if (answered_by(datagram) != nullptr && type_of(datagram) != kBindingSuccess) return;
  if (auto* const one = whom(from, datagram); one != nullptr)
    ::send(one->socket.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace footbridge::webrtc
