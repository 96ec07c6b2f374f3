// A loop with sockets on loopback for who calls brokers, and a broker that speaks sealed only. For the tests of this
// folder.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "core/egress/address_policy.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"
#include "io/test_scope.hpp"
#include "io/wakeup.hpp"
#include "programs/rendezvous_line.hpp"
#include "transport/http/server.hpp"

namespace footbridge {

// Servers are members of a test, which calls end() before they go.
struct LineFixture : testing::Test {
  static inline const Endpoint kAnyPort{IpAddress::v4(0x7f000001), 0};
  asio::io_context context{1};
  io::TestScope scope{context.get_executor()};
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  io::SystemResolver resolver{context.get_executor()};
  io::Connector connector{context.get_executor(), resolver, anywhere};
  SeededRng rng{1};

  static std::string url_of(const http::Server& server, std::string_view path = "/") {
    return "http://" + server.local().to_text() + std::string(path);
  }
  static http::Route way_to(const http::Server& server, std::string_view path = "/") {
    return wire::parse_url(url_of(server, path)).value();
  }
  void run(asio::awaitable<void> work, Duration limit = Seconds{5}) {
    bool ended = false;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr) { ended = true; });
    until([&] { return ended; }, limit);
    EXPECT_TRUE(ended);
  }
  bool until(const std::function<bool()>& condition, Duration limit = Seconds{5}) {
    const auto deadline = io::now() + limit;
    context.restart();
    while (!condition() && io::now() < deadline) context.run_one_until(io::to_steady(deadline));
    return condition();
  }
  void end() {
    run([](io::TestScope& its_scope) -> asio::awaitable<void> {
      its_scope.cancel();
      co_await its_scope.join();
    }(scope));
  }
};

// Says back what it was told, or the directory.
struct SealedEcho final : http::Handler {
  SealedEcho(Rng& its_rng, const crypto::SecretKey& obfuscation) : rng(its_rng), secret(obfuscation) { restart(); }
  explicit SealedEcho(Rng& its_rng) : SealedEcho(its_rng, crypto::SecretKey::random(its_rng)) {}
  void restart() {
    broker.emplace(secret, UnixSeconds{count(io::unix_now()) - 60}, rng);
    broker->keys().add(key, UnixSeconds{count(io::unix_now()) - 60});
  }
  core::WaySeal seal() const {
    return {secret, {{{key.public_key.raw}, {UnixSeconds{0}, UnixSeconds{count(io::unix_now()) + 3600}}}}};
  }
  asio::awaitable<http::Response> handle(http::Request request) override {
    ++requests;
    auto opened = broker->open(io::unix_now(), request.body);
    if (!opened || closed) co_return http::decoy();
    if (hold) {
      io::Wakeup never(co_await asio::this_coro::executor);
      static_cast<void>(co_await never.wait());
    }
    if (opened->kind == crypto::RequestKind::Directory) opened->body = directory;
    http::Response response;
    response.body = broker->seal(io::unix_now(), std::move(opened->reply), opened->body);
    co_return response;
  }
  Rng& rng;
  crypto::SecretKey secret;
  crypto::X25519KeyPair key = crypto::X25519KeyPair::random(rng);
  std::optional<core::SealedBroker> broker;
  Bytes directory = to_bytes("signed directory");
  bool closed = false;  // is nobody's broker to anybody
  bool hold = false;    // does not answer what comes now
  std::size_t requests = 0;
};

}  // namespace footbridge
