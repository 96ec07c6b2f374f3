#include "io/translator.hpp"

#include <algorithm>
#include <array>
#include <sys/epoll.h>
#include <utility>
#include <variant>

#include "io/raw_address.hpp"

namespace footbridge::io {
namespace {

constexpr std::uint32_t kAnyAddress = 0;

}  // namespace

Translator::Translator(TranslatorKind kind, LocalAddresses local, std::optional<Private<Endpoint>> stun_server)
    : kind_(kind), local_(std::move(local)), stun_server_(std::move(stun_server)) {}

Translator::~Translator() = default;

bool Translator::Port::has_asked(const Endpoint& whom) const {
  return std::ranges::any_of(asked, [&](const auto& other) { return other.reveal_to_socket() == whom; });
}

void Translator::start(DetourEvents& events) {
  events_ = &events;
  ready_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  if (ready_ && local_.admits(Family::V4) && (kind_ == TranslatorKind::Strict || open_port() != nullptr))
    return events.on_detour_open();
  ready_ = Descriptor();
  events.on_detour_over();
}

Translator::Port* Translator::open_port() {
  Port made{Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), {}};
  const auto at = to_raw({local_.towards(Family::V4).value_or(IpAddress::v4(kAnyAddress)), 0});
  if (!made.socket || bind(made.socket.get(), generic(at), length_of(at)) != 0) return nullptr;
  prepare_datagram_socket(made.socket.get());
  io::allow_fragments(made.socket.get(), fragments_allowed_);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = ports_.size();
  if (epoll_ctl(ready_.get(), EPOLL_CTL_ADD, made.socket.get(), &event) != 0) return nullptr;
  return &ports_.emplace_back(std::move(made));
}

// Nullptr: too many already, or the system refuses.
Translator::Port* Translator::port_towards(const Endpoint& to) {
  const auto known = std::ranges::find_if(ports_, [&](const Port& port) { return port.has_asked(to); });
  if (known != ports_.end()) return &*known;
  if (destinations_ >= kMaxTranslated) return nullptr;
  auto* const port = kind_ == TranslatorKind::Strict ? open_port() : &ports_.front();
  if (port == nullptr) return nullptr;
  port->asked.emplace_back(to);
  ++destinations_;
  return port;
}

void Translator::send_run(const wire::Destination& to, ByteView run, std::size_t segment_bytes) {
  const auto* const address = std::get_if<IpAddress>(&to.host);
  if (!ready_ || address == nullptr || address->family() != Family::V4) return;
  const Endpoint far_end{*address, to.port};
  const auto raw = to_raw(far_end);
  if (const auto* const port = port_towards(far_end)) io::send_run(port->socket.get(), &raw, run, segment_bytes);
}

void Translator::work() {
  std::array<epoll_event, kMaxTranslated> events{};
  const int count = epoll_wait(ready_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    reading_ = &ports_[events[static_cast<std::size_t>(i)].data.u64];
    datagram_receiver().receive(reading_->socket.get(), *this);
  }
}

bool Translator::on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) {
  const auto sender = from_raw(from);
  if (!sender || !reading_->has_asked(*sender)) return true;
  const wire::Destination far_end{sender->address, sender->port};
  for_each_datagram(run, segment_bytes, [&](ByteView datagram) { events_->on_detour_datagram(far_end, datagram); });
  return true;
}

void Translator::allow_fragments(bool allowed) {
  fragments_allowed_ = allowed;
  for (const auto& port : ports_) io::allow_fragments(port.socket.get(), allowed);
}

std::optional<Private<wire::Destination>> Translator::stun_server() const {
  if (!stun_server_) return std::nullopt;
  const auto& server = stun_server_->reveal_to_socket();
  return Private(wire::Destination{server.address, server.port});
}

}  // namespace footbridge::io
