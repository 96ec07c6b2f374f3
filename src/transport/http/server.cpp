#include "transport/http/server.hpp"

#include <utility>

#include "transport/http/connection.hpp"

namespace footbridge::http {
namespace {

asio::awaitable<void> serve(Server& server, io::Accepted accepted) {
  Connection connection(server, std::move(accepted));
  co_await connection.serve();
}

}  // namespace

Server::Server(asio::any_io_executor executor, io::ListenOptions options, Handler& handler, Face face)
    : listener_(std::move(executor), std::move(options)), handler_(handler), face_(face) {}

asio::awaitable<void> Server::run() {
  co_await listener_.run([this](io::Accepted accepted) { return serve(*this, std::move(accepted)); });
}

void Server::drain() {
  draining_ = true;
  listener_.close();
  for (auto* const connection : waiting_) connection->stop_waiting();
}

}  // namespace footbridge::http
