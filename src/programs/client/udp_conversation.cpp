#include "programs/client/udp_conversation.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/unless.hpp"
#include "observe/log.hpp"
#include "wire/socks_udp.hpp"

namespace footbridge::client {
namespace {

using asio::ip::udp;

// The largest datagram that could be of use, and one byte by which a larger one is known.
constexpr std::size_t kBufferBytes = wire::kMaxSocksUdpHeaderBytes + wire::kMaxFlowPayloadBytes + 1;
// Then the rest of the loop has its turn.
constexpr int kDatagramsPerTurn = 32;

void log_drop(std::string_view why) { observe::log(observe::Level::Info, "packet-dropped", observe::kv("why", why)); }

// Until the application closes its TCP connection; what it says there means nothing.
asio::awaitable<void> until_closed(LocalConnection& application) {
  do {
    application.consume(application.buffered().size());
  } while (co_await application.fill() == Arrived::Bytes);
}

}  // namespace

class UdpAssociation final : private AssociationEvents {
 public:
  // Throws boost::system::system_error when there is no port for it.
  UdpAssociation(io::tcp::socket& control, std::uint16_t from_port, UdpAssociations& all)
      : all_(all), socket_(control.get_executor()), peer_(control.remote_endpoint().address()) {
    const udp::endpoint at(control.local_endpoint().address(), 0);
    socket_.open(at.protocol());
    socket_.non_blocking(true);
    socket_.bind(at);
    if (from_port != 0) accept(from_port);
    all_.all_.insert(this);
  }
  ~UdpAssociation() override { all_.all_.erase(this); }
  UdpAssociation(const UdpAssociation&) = delete;
  UdpAssociation& operator=(const UdpAssociation&) = delete;

  Endpoint bound() const { return io::from_asio(socket_.local_endpoint()); }
  AssociationEvents& events() { return *this; }

  // Returns when the association is over; what it answers means nothing.
  asio::awaitable<bool> run(std::unique_ptr<Association> association) {
    association_ = std::move(association);
    while (socket_.is_open()) {
      const auto [error] = co_await socket_.async_wait(udp::socket::wait_read, io::no_throw);
      if (error || !socket_.is_open()) break;
      for (int i = 0; i < kDatagramsPerTurn && socket_.is_open() && take_one(); ++i) {
      }
    }
    association_.reset();
    co_return true;
  }
  void close() {
    io::error_code ignored;
    socket_.close(ignored);
  }

 private:
  // False: there is none now.
  bool take_one() {
    udp::endpoint from;
    io::error_code error;
    const auto bytes = socket_.receive_from(asio::buffer(buffer_), from, 0, error);
    if (error == asio::error::would_block) return false;
    if (error) return true;  // ICMP says that the application closed its port; it may open it again
    if (from.address() != peer_ || (peer_port_ && from.port() != *peer_port_)) return log_drop("foreign"), true;
    if (bytes == buffer_.size()) return log_drop("too-large"), true;
    const auto datagram = wire::parse_socks_datagram(ByteView(buffer_).first(bytes));
    if (!datagram) return log_drop(name(datagram.error())), true;
    if (!peer_port_) accept(from.port());
    association_->send(datagram->to.reveal_to_socket(), datagram->payload);
    return true;
  }
  void accept(std::uint16_t port) { peer_port_ = port; }

  void on_packet(const Private<wire::Destination>& from, ByteView payload) override {
    if (!peer_port_ || !socket_.is_open()) return;
    const auto datagram = wire::encode_socks_datagram({from, payload});
    io::error_code error;
    // A full buffer of the kernel drops, as it does for everybody.
    if (datagram) socket_.send_to(asio::buffer(*datagram), {peer_, *peer_port_}, 0, error);
  }
  void on_association_over() override { close(); }

  UdpAssociations& all_;
  udp::socket socket_;
  asio::ip::address peer_;
  std::optional<std::uint16_t> peer_port_;
  std::unique_ptr<Association> association_;
  std::array<std::byte, kBufferBytes> buffer_{};
};

void UdpAssociations::close() {
  for (auto* association : all_) association->close();
}

namespace {

asio::awaitable<void> reply(LocalConnection& application, wire::SocksServer& socks, wire::SocksReply code,
                            std::optional<Endpoint> bound = std::nullopt) {
  socks.reply(code, bound);
  const auto answer = socks.take_output();
  static_cast<void>(co_await application.write(answer));
}

// On the heap: a coroutine's frame is no place for its buffer. Null: the system has no port for it, or the application
// has hung up.
std::unique_ptr<UdpAssociation> udp_side_of(LocalConnection& application, const wire::SocksRequest& request,
                                            const LocalServices& services) {
  try {
    return std::make_unique<UdpAssociation>(application.socket(), request.port, services.associations);
  } catch (const boost::system::system_error&) {
    return nullptr;
  }
}

}  // namespace

asio::awaitable<void> serve_udp(LocalConnection& application, wire::SocksServer& socks, const LocalServices& services) {
  if (services.associations.full()) co_return co_await reply(application, socks, wire::SocksReply::GeneralFailure);
  const auto udp_side = udp_side_of(application, *socks.request(), services);
  if (!udp_side) co_return co_await reply(application, socks, wire::SocksReply::GeneralFailure);
  auto opened = co_await io::unless(application.until_hung_up(),
                                    services.tunnel.associate(udp_side->events(), io::now() + services.open_limit));
  if (!opened) co_return application.abort();
  if (!opened->ok()) {
    observe::log(observe::Level::Info, "association-refused", observe::kv("why", opened->error()));
    co_return co_await reply(application, socks, socks_reply(opened->error()));
  }
  co_await reply(application, socks, wire::SocksReply::Granted, udp_side->bound());
  static_cast<void>(co_await io::unless(until_closed(application), udp_side->run(std::move(*opened).value())));
}

}  // namespace footbridge::client
