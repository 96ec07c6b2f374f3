#include "programs/client/nearby_world.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>
#include <sys/wait.h>
#include <thread>

#include "io/clock.hpp"
#include "io/endpoint.hpp"

namespace footbridge::client {
namespace {

const Endpoint kAnyPort{IpAddress::v4(0x7f000001), 0};

using SitePage = beast_http::response<beast_http::string_body>;
using SiteParser = beast_http::request_parser<beast_http::string_body>;

asio::awaitable<void> send_text(io::tcp::socket& socket, std::string text) {
  static_cast<void>(co_await asio::async_write(socket, asio::buffer(text), io::no_throw));
}

}  // namespace

NearbySite::NearbySite(asio::io_context& context)
    : release(context.get_executor()),
      http_(context.get_executor(), {.address = kAnyPort}),
      echo_(context.get_executor(), {.address = kAnyPort}) {}

void NearbySite::start(io::TaskScope& scope) {
  scope.spawn(http_.run([this](io::Accepted accepted) { return serve(std::move(accepted)); }));
  scope.spawn(echo_.run([this](io::Accepted accepted) { return echo(std::move(accepted)); }));
}

void NearbySite::stop() {
  http_.close();
  echo_.close();
  http_.cancel_connections();
  echo_.cancel_connections();
}

asio::awaitable<void> NearbySite::serve(io::Accepted accepted) {
  auto socket = std::move(accepted.socket);
  boost::beast::flat_buffer buffer;
  SiteParser request;
  request.body_limit(boost::none);
  const auto [head_error, head_bytes] = co_await beast_http::async_read_header(socket, buffer, request, io::no_throw);
  if (head_error) co_return;
  ++requests;
  const std::string target(request.get().target());
  EXPECT_TRUE(target.starts_with('/')) << "a server is asked in origin form";
  if (target == "/early") {
    co_await send_text(socket, "HTTP/1.1 413 No\r\nContent-Length: 4\r\n\r\nlate");
    std::array<char, 4096> waste{};  // closing with unread bytes would take the answer back
    for (;;)
      if (const auto [error, count] = co_await socket.async_read_some(asio::buffer(waste), io::no_throw); error)
        co_return;
  }
  if (request.get()[beast_http::field::expect] == "100-continue")
    co_await send_text(socket, "HTTP/1.1 100 Continue\r\n\r\n");
  const auto [error, bytes] = co_await beast_http::async_read(socket, buffer, request, io::no_throw);
  if (error) co_return;
  if (target == "/eof") co_return co_await send_text(socket, "HTTP/1.0 200 OK\r\n\r\nto the end");
  if (target == "/cut") co_return co_await send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart");
  if (target == "/part") {
    co_await send_text(socket, "HTTP/1.0 200 OK\r\n\r\npart");
    co_await release.wait();
    socket.set_option(asio::socket_base::linger(true, 0));
    co_return socket.close();  // a reset; the destructor would end it in order
  }
  if (target == "/hang") {
    std::array<char, 1> waste{};
    const auto [gone, count] = co_await socket.async_read_some(asio::buffer(waste), io::no_throw);
    if (gone != asio::error::operation_aborted) ++hung_up;
    co_return;
  }
  SitePage page(beast_http::status::ok, 11);
  page.body() = target == "/big"     ? std::string(kBigBytes, 'x')
                : target == "/count" ? std::to_string(request.get().body().size())
                                     : "hello";
  if (target == "/chunked")
    page.chunked(true);
  else
    page.content_length(page.body().size());
  static_cast<void>(co_await beast_http::async_write(socket, page, io::no_throw));
}

asio::awaitable<void> NearbySite::echo(io::Accepted accepted) {
  auto socket = std::move(accepted.socket);
  std::string all;
  std::array<char, 4096> some{};
  for (;;) {
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(some), io::no_throw);
    all.append(some.data(), count);
    if (error) break;
  }
  co_await send_text(socket, all);
}

NearbyWorld::NearbyWorld(Duration open_limit, bool connected, std::optional<quic::SpkiPin> pin)
    : keeper(context.get_executor(), {.pins = {pin.value_or(network.pin())}}, rng, troubles,
             [this] { changes.notify(); }),
      door(context.get_executor(), kAnyPort, open_limit, tunnel, rng) {
  network.serve(keeper);
  site.start(scope);
  scope.spawn(door.run());
  if (connected) keeper.start(io::now(), network, network.make_link());
}

NearbyWorld::~NearbyWorld() {
  // From inside the loop, as a program does it: elsewhere Asio posts a cancellation, which may then come too late.
  asio::post(context, [this] {
    tunnel.stop();
    door.drain();
    door.stop();
    site.stop();
    keeper.stop(io::now());
    network.stop();
  });
  EXPECT_TRUE(run_until([this] { return scope.empty(); })) << "everything ends";
  EXPECT_TRUE(run_until([this] { return keeper.state() == PathKeeper::State::Resting; }));
  context.restart();
  context.poll();
}

bool NearbyWorld::run_until(const std::function<bool()>& condition, Duration limit) {
  const auto until = io::now() + limit;
  while (!condition() && io::now() < until) {
    context.restart();
    context.run_one_for(Millis{10});
  }
  return condition();
}

NearbyWorld::Outcome NearbyWorld::run(std::string command) {
  command = "P=127.0.0.1:" + std::to_string(door.local().port) + " S=" + std::to_string(site.port()) +
            " E=" + std::to_string(site.echo_port()) + "\n" + command;
  Outcome outcome;
  bool done = false;
  std::thread shell([&] {
    Outcome result;
    auto* pipe = ::popen(("timeout 30 bash -c '" + command + "' 2>&1").c_str(), "r");
    std::array<char, 4096> some{};
    for (std::size_t count = 0; (count = std::fread(some.data(), 1, some.size(), pipe)) > 0;)
      result.output.append(some.data(), count);
    result.status = WEXITSTATUS(::pclose(pipe));
    asio::post(context, [&outcome, &done, result] { outcome = result, done = true; });
  });
  run_until([&] { return done; }, Seconds{40});
  shell.join();
  return outcome;
}

std::string NearbyWorld::raw(std::string bytes, bool finish) {
  std::string got;
  bool done = false;
  scope.spawn(
      [](NearbyWorld& world, std::string sent, bool fin, std::string& out, bool& ended) -> asio::awaitable<void> {
        io::tcp::socket socket(world.context);
        co_await socket.async_connect(io::to_tcp(world.door.local()), asio::use_awaitable);
        co_await send_text(socket, std::move(sent));
        if (fin) socket.shutdown(io::tcp::socket::shutdown_send);
        std::array<char, 4096> some{};
        for (;;) {
          const auto [error, count] = co_await socket.async_read_some(asio::buffer(some), io::no_throw);
          out.append(some.data(), count);
          if (error) break;
        }
        ended = true;
      }(*this, std::move(bytes), finish, got, done));
  EXPECT_TRUE(run_until([&] { return done; })) << "the proxy closes in the end";
  return got;
}

}  // namespace footbridge::client
