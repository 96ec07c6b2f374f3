#include "io/listener.hpp"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "io/endpoint.hpp"
#include "io/socket_options.hpp"
#include "observe/log.hpp"

namespace footbridge::io {
namespace {

std::string remedy(const error_code& error) {
  switch (error.value()) {
    case EADDRINUSE: return "another program listens there; stop it or choose another port";
    case EACCES: return "ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a higher port";
    case EADDRNOTAVAIL: return "this host has no such address; use one of its own or 0.0.0.0 or [::]";
    case EAFNOSUPPORT: return "this host has no IPv6; use an IPv4 address";
    default: return "choose another address";
  }
}

void check(const error_code& error, const ListenOptions& options) {
  if (!error) return;
  throw ListenError(options.option + " " + options.address.to_text() + ": " + error.message() + "; " + remedy(error));
}

// Out of descriptors or memory: waiting helps. Everything else is one connection's private misfortune.
bool is_shortage(const error_code& error) {
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS || error.value() == ENOMEM;
}

}  // namespace

void require_free_port(asio::any_io_executor executor, ListenOptions options) {
  options.share_port = false;
  const Listener alone(std::move(executor), std::move(options));
}

Listener::Listener(asio::any_io_executor executor, ListenOptions options)
    : acceptor_(executor), table_(options.table), scope_(executor, "connections", TaskScope::kOthersGoOn) {
  if (table_ == nullptr) table_ = &own_table_.emplace(options.limits);
  const auto endpoint = to_tcp(options.address);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  check(error, options);
  acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  check(error, options);
  // One family per listener: mapped addresses would reach filters in disguise.
  if (endpoint.protocol() == tcp::v6()) acceptor_.set_option(asio::ip::v6_only(true), error);
  check(error, options);
  if (options.share_port) {
    const int on = 1;
    if (::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
      error.assign(errno, boost::system::system_category());
    check(error, options);
  }
  acceptor_.bind(endpoint, error);
  check(error, options);
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  check(error, options);
  local_ = from_asio(acceptor_.local_endpoint());
}

asio::awaitable<void> Listener::run(Serve serve) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await accept_loop(std::move(serve));
  close();
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) scope_.cancel(state.cancelled());
  // After a graceful end a second, harder cancellation must still reach the children.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  auto slot = (co_await asio::this_coro::cancellation_state).slot();
  if (slot.is_connected()) slot.assign([this](asio::cancellation_type level) { scope_.cancel(level); });
  co_await scope_.join();
  if (slot.is_connected()) slot.clear();
}

asio::awaitable<void> Listener::accept_loop(Serve serve) {
  asio::steady_timer pause(acceptor_.get_executor());
  auto back_off = kAcceptBackOff;
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(no_throw);
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    if (error && is_shortage(error)) {
      observe::log(observe::Level::Warn, "connections-wait", observe::kv("why", error.message()));
      pause.expires_after(back_off);
      back_off = std::min(2 * back_off, kMaxAcceptBackOff);
      co_await pause.async_wait(no_throw);
      continue;
    }
    back_off = kAcceptBackOff;
    if (error) continue;
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (gone) continue;
    const auto peer = from_asio(remote);
    auto permit = table_->admit(peer.address);
    if (!permit) {  // the socket closes here
      observe::log(observe::Level::Info, "connection-refused", observe::kv("why", permit.error()));
      continue;
    }
    set_no_delay(socket);
    scope_.spawn(serve(Accepted{std::move(socket), Private(peer), std::move(*permit)}));
  }
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace footbridge::io
