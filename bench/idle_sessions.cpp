// Many clients at one egress: each a real session over real QUIC and WebSocket, without the links and volunteers
// between them, whose legs this program dials itself, with tokens and tickets it seals itself. For what a session costs
// the egress.
//   idle_sessions DESCRIPTOR LEG_KEY_FILE PATHS [PORT]
// A line with a number asks for that many sessions in all, each over PATHS paths, and is answered when all stand. With
// PORT each session first fetches a page from a website at 127.0.0.1:PORT. They stay until the input ends. The sessions
// name different shards, as those of different clients do.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "console.hpp"
#include "core/egress/address_policy.hpp"
#include "crypto/leg_token.hpp"
#include "crypto/shared_keys.hpp"
#include "crypto/system_rng.hpp"
#include "crypto/ticket.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/session_host.hpp"
#include "io/session_path.hpp"
#include "io/session_stream.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"
#include "ops/key_file.hpp"
#include "programs/egress_descriptor.hpp"
#include "transport/ws/handshake.hpp"
#include "wire/session_open.hpp"
#include "wire/url.hpp"

namespace footbridge::bench {
namespace {

constexpr Seconds kStepLimit{20};           // for one path or one page: longer than any limit of the egress
constexpr std::size_t kPageBytes = 65'536;  // fetched by each session that is to have been used
constexpr std::size_t kAtOnce = 32;         // sessions that begin together: an egress's handshakes take turns anyway

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "idle_sessions: %s\n", why.c_str());
  std::exit(1);
}

// What all sessions here share.
struct World {
  asio::any_io_executor executor;
  crypto::SystemRng rng;
  quic::SpkiPin pin;
  wire::Url relay;
  crypto::SecretKey leg_key;
  io::Connector& connector;
  core::BoundedMemory memory{1U << 30};
};

class IdleSession final : private io::SessionHostEvents, private io::SessionPathEvents {
 public:
  explicit IdleSession(World& world) : world_(world), shard_(next_shard()), granted_(world.executor) {}

  // One more path; the first begins the session.
  asio::awaitable<void> add_path() {
    const auto match = MatchId::random(world_.rng);
    const crypto::LegToken token{match, shard_, UnixSeconds{count(io::unix_now()) + crypto::kLegTokenLifetimeSeconds}};
    const auto segment = crypto::leg_token_segment(crypto::seal_leg_token(token, world_.leg_key, world_.rng));
    auto leg = co_await ws::dial(world_.connector, world_.relay.with_segment(segment), world_.rng);
    if (!leg) fail("a leg was not accepted: " + std::string(name(leg.error())));
    crypto::Ticket ticket;
    ticket.match = match;
    ticket.expiry = UnixSeconds{count(io::unix_now()) + crypto::kTicketLifetimeSeconds};
    auto& path = paths_.emplace_back();
    path.leg = std::move(*leg);
    core::ClientPathHandshake handshake(
        io::now(), world_.rng, match, core::SessionConfig{}.limits, grant_,
        Private<Bytes>(crypto::seal_ticket(ticket, crypto::ticket_key(world_.leg_key), world_.rng)));
    io::SessionPathEvents& events = *this;
    path.quic = std::make_unique<io::SessionPath>(world_.executor, quic::ClientConfig{world_.pin, {}},
                                                  std::move(handshake), world_.rng, events);
    path.quic->attach_pipe(*path.leg);
    path.leg->start(*path.quic);
    if (!co_await io::with_deadline(kStepLimit, granted_.wait())) fail("a path was not granted in time");
  }

  asio::awaitable<void> fetch_page(std::uint16_t port) {
    const wire::Destination site{IpAddress::v4(0x7f000001), port};
    const auto stream = host_->open(*wire::encode_open({.destination = Private(site)}));
    const auto request = "GET /" + std::to_string(kPageBytes) + " HTTP/1.1\r\n\r\n";
    std::size_t got = 0;
    if (co_await stream->write(as_bytes(request))) {
      while (co_await stream->readable() == io::SessionStream::Arrival::Bytes) {
        got += stream->peek().size();
        stream->consume(stream->peek().size());
      }
    }
    if (got < kPageBytes) fail("a page broke off after " + std::to_string(got) + " bytes");
  }

 private:
  static std::uint16_t next_shard() {
    static std::uint16_t shard = 0;
    return shard++;
  }
  void on_path_ready(TimePoint now, io::SessionPath& path) override {
    const auto& ok = *path.client_handshake()->granted();
    if (!host_) {
      grant_ = core::SessionGrant{ok.session, ok.token};
      core::SessionConfig config;
      config.peer_limits = ok.limits;
      io::SessionHostEvents& events = *this;
      host_ = std::make_unique<io::SessionHost>(world_.executor, core::Session::Role::Client, config, world_.rng,
                                                world_.memory, events);
    }
    path.attach(now, *host_);
    granted_.notify();
  }
  void on_path_over(TimePoint, io::SessionPath&, const io::PathOver&) override { fail("a path ended"); }
  void on_stream_opened(core::StreamId) override { fail("the egress opened a stream"); }
  void on_go_away(Duration) override { fail("the egress leaves"); }
  void on_session_ended(core::EndReason) override { fail("a session ended"); }

  struct Path {
    std::unique_ptr<ws::Leg> leg;  // before what uses it
    std::unique_ptr<io::SessionPath> quic;
  };
  World& world_;
  std::uint16_t shard_;
  io::Wakeup granted_;
  std::optional<core::SessionGrant> grant_;
  std::unique_ptr<io::SessionHost> host_;
  std::vector<Path> paths_;
};

struct Wanted {
  std::size_t paths = 1;
  std::optional<std::uint16_t> page_port;
};

asio::awaitable<void> begin(IdleSession& session, Wanted wanted) {
  for (std::size_t path = 0; path < wanted.paths; ++path) co_await session.add_path();
  if (!wanted.page_port) co_return;
  if (!co_await io::with_deadline(kStepLimit, session.fetch_page(*wanted.page_port))) fail("a page took too long");
}

asio::awaitable<void> run(World& world, Wanted wanted) {
  Console console(world.executor);
  std::deque<IdleSession> sessions;
  io::TaskScope scope(world.executor, "sessions", [](const std::exception_ptr&) { fail("a session did not begin"); });
  while (const auto line = co_await console.next_line()) {
    const auto count = std::strtoul(line->c_str(), nullptr, 10);
    while (sessions.size() < count) {
      for (std::size_t i = 0; i < kAtOnce && sessions.size() < count; ++i)
        scope.spawn(begin(sessions.emplace_back(world), wanted));
      co_await scope.join();
    }
    Console::answer(std::to_string(sessions.size()));
  }
  std::exit(0);  // abruptly, as clients go; the egress is about to be stopped
}

// A session is a descriptor here, too.
void ask_for_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace
}  // namespace footbridge::bench

int main(int argc, char** argv) try {
  using namespace footbridge;
  if (argc < 4 || argc > 5) bench::fail("usage: idle_sessions DESCRIPTOR LEG_KEY_FILE PATHS [PORT]");
  const auto egress = read_egress_file("DESCRIPTOR", ops::FilePath{argv[1]}).at(0);
  const auto key = ops::read_key32("LEG_KEY_FILE", ops::FilePath{argv[2]});
  bench::Wanted wanted{std::strtoul(argv[3], nullptr, 10), std::nullopt};
  if (argc == 5) wanted.page_port = static_cast<std::uint16_t>(std::strtoul(argv[4], nullptr, 10));

  bench::ask_for_descriptors();
  asio::io_context context{1};
  io::SystemResolver resolver(context.get_executor());
  const auto anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector(context.get_executor(), resolver, anywhere);
  bench::World world{context.get_executor(),
                     {},
                     quic::SpkiPin(egress.pin.value().sha256),
                     wire::parse_url(egress.relay.reveal_to_socket().text).value(),
                     crypto::SecretKey::from(key.reveal_to_socket()).value(),
                     connector};
  asio::co_spawn(context, bench::run(world, wanted), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
} catch (const std::exception& error) {
  footbridge::bench::fail(error.what());
}
