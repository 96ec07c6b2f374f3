#include "programs/client/front_door.hpp"

#include <utility>

#include "io/with_deadline.hpp"
#include "programs/client/http_conversation.hpp"
#include "programs/client/socks_conversation.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {
namespace {

io::ListenOptions listen_options(const Endpoint& address) {
  // One machine, or one house when the user insists: no cap per network.
  const io::ConnectionLimits limits{.max_connections = kMaxLocalConnections, .max_per_prefix = kMaxLocalConnections};
  return {.address = address, .option = "--listen", .limits = limits};
}

// On the list of idle connections while it lives; also when the wait ends by an exception.
class IdleMark {
 public:
  IdleMark(std::set<LocalConnection*>& idle, LocalConnection& connection) : idle_(idle), connection_(connection) {
    idle_.insert(&connection_);
  }
  ~IdleMark() { idle_.erase(&connection_); }
  IdleMark(const IdleMark&) = delete;
  IdleMark& operator=(const IdleMark&) = delete;

 private:
  std::set<LocalConnection*>& idle_;
  LocalConnection& connection_;
};

}  // namespace

FrontDoor::FrontDoor(asio::any_io_executor executor, const Endpoint& listen, Duration open_limit, Tunnel& tunnel,
                     Rng& rng)
    : listener_(std::move(executor), listen_options(listen)),
      pac_(listener_.local(), rng),
      services_{tunnel, pac_, listener_.local(), associations_, open_limit} {}

asio::awaitable<void> FrontDoor::run() {
  co_await listener_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); });
}

void FrontDoor::drain() {
  draining_ = true;
  listener_.close();
  io::error_code ignored;
  for (auto* connection : idle_) connection->socket().cancel(ignored);
  associations_.close();
}

void FrontDoor::stop() {
  listener_.close();
  listener_.cancel_connections();
}

asio::awaitable<bool> FrontDoor::await_request(LocalConnection& application, Duration limit) {
  if (draining_) co_return false;
  const IdleMark mark(idle_, application);
  co_return co_await io::with_deadline(limit, application.fill()) == Arrived::Bytes;
}

asio::awaitable<void> FrontDoor::serve(io::Accepted accepted) {
  const auto permit = std::move(accepted.permit);  // counts this connection until the end
  LocalConnection application(std::move(accepted.socket));
  if (!co_await await_request(application, kRequestHeadLimit)) co_return;
  switch (wire::sniff_local_protocol(application.buffered().front())) {
    case wire::LocalProtocol::Socks5:
    case wire::LocalProtocol::Socks4: co_return co_await serve_socks(application, services_);
    case wire::LocalProtocol::Http:
      co_return co_await serve_http(application, services_, [this](LocalConnection& waiting, Duration limit) {
        return await_request(waiting, limit);
      });
    case wire::LocalProtocol::Unknown: co_return application.abort();
  }
}

}  // namespace footbridge::client
