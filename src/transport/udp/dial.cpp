#include "transport/udp/dial.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::udp {
namespace {

using UdpSocket = asio::ip::udp::socket;

// A socket of its own, connected: the kernel drops what others send, and tells when nobody is there.
class OwnLine final : public Line, private io::DatagramRuns {
 public:
  explicit OwnLine(UdpSocket socket) : socket_(std::move(socket)) {
    io::prepare_datagram_socket(socket_.native_handle());
  }
  ~OwnLine() override { *gone_ = true; }
  void start(Leg& leg) override {
    leg_ = &leg;
    wait_readable();
  }
  bool flush(io::DatagramBatch& batch) override { return batch.flush(socket_.native_handle(), nullptr); }

 private:
  void wait_readable() {
    socket_.async_wait(asio::socket_base::wait_read, [this, gone = gone_](io::error_code error) {
      if (*gone || error) return;
      now_ = io::now();
      const auto outcome = io::datagram_receiver().receive(socket_.native_handle(), *this);
      if (*gone) return;
      if (outcome == io::DatagramReceiver::Outcome::Gone) return leg_->on_gone(now_);
      wait_readable();
    });
  }
  bool on_run(const sockaddr_storage&, ByteView run, std::size_t segment_bytes) override {
    const auto gone = gone_;  // the leg's user may destroy it, and this with it
    leg_->on_run(now_, run, segment_bytes);
    return !*gone;
  }

  UdpSocket socket_;
  Leg* leg_ = nullptr;
  TimePoint now_{};
  // Two owners: this line and the wait that is pending in the loop, which may outlive it by one turn.
  std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
};

std::optional<UdpSocket> connected(const asio::any_io_executor& executor, const io::LocalAddresses& local,
                                   const Endpoint& to) {
  const auto endpoint = io::to_udp(to);
  UdpSocket socket(executor);
  io::error_code error;
  socket.open(endpoint.protocol(), error);
  if (!error) socket.non_blocking(true, error);
  if (const auto own = local.towards(to.address.family()); own && !error) socket.bind(io::to_udp({*own, 0}), error);
  if (!error) socket.connect(endpoint, error);
  return error ? std::nullopt : std::optional(std::move(socket));
}

asio::awaitable<io::error_code> readable(UdpSocket& socket) {
  const auto [error] = co_await socket.async_wait(asio::socket_base::wait_read, io::no_throw);
  io::throw_if_aborted(error);
  co_return error;
}

// Says `word` again and again until `heard` likes what comes back. False: it never did.
template <class Heard>
asio::awaitable<bool> say_until(UdpSocket& socket, const Bytes& word, TimePoint deadline, Heard heard) {
  Duration patience = kUdpFirstRetry;
  for (auto now = io::now(); now < deadline; now = io::now(), patience *= 2) {
    io::error_code error;
    socket.send(asio::buffer(word), 0, error);
    const auto again_at = std::min(deadline, now + patience);
    for (;;) {
      const auto rest = again_at - io::now();
      if (rest <= Duration::zero() || !co_await io::with_deadline(rest, readable(socket))) break;
      std::array<std::byte, core::kMaxUdpMessageBytes> buffer;
      const auto count = socket.receive(asio::buffer(buffer), 0, error);
      if (error == asio::error::connection_refused) co_return false;
      if (!error && heard(ByteView(buffer).first(count))) co_return true;
    }
  }
  co_return false;
}

}  // namespace

std::string_view name(DialErrc error) {
  switch (error) {
    case DialErrc::Policy: return "policy";
    case DialErrc::Unresolved: return "unresolved";
    case DialErrc::Silent: return "silent";
  }
  FB_ASSERT(false);
}

asio::awaitable<Result<std::unique_ptr<Leg>, DialErrc>> dial(io::Connector& connector, Private<std::string> host,
                                                             std::uint16_t port, Private<Bytes> token, Rng& rng,
                                                             Duration limit) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = io::now() + limit;
  const auto found = co_await connector.find(std::move(host), port, limit);
  if (!found) co_return found.error() == io::ConnectErrc::Policy ? DialErrc::Policy : DialErrc::Unresolved;
  const auto at = found->front();
  const auto& shown = token.reveal_to_socket();

  auto door = connected(executor, connector.local(), at);
  if (!door) co_return DialErrc::Silent;
  std::optional<core::UdpInvitation> invitation;
  const auto is_reply = [&](ByteView datagram) {
    invitation = core::parse_udp_reply(datagram, shown);
    return invitation.has_value();
  };
  const auto knock = core::encode_udp_knock(shown, rng);
  if (!co_await say_until(*door, knock, deadline, is_reply)) co_return DialErrc::Silent;

  auto socket = connected(executor, connector.local(), {at.address, invitation->port});
  if (!socket) co_return DialErrc::Silent;
  const core::UdpLegSignals signals(core::UdpEnd::Proxy, invitation->cookie, shown);
  const auto is_welcome = [&](ByteView datagram) { return signals.parse(datagram) == core::UdpSignal::Welcome; };
  const auto enter = core::encode_udp_enter(invitation->cookie, shown, rng);
  if (!co_await say_until(*socket, enter, deadline, is_welcome)) co_return DialErrc::Silent;
  co_return std::make_unique<Leg>(
      executor,
      Leg::Parts{.line = std::make_unique<OwnLine>(std::move(*socket)), .signals = signals, .permit = {}, .enter = {}},
      rng);
}

}  // namespace footbridge::udp
