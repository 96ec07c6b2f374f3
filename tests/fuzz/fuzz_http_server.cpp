// The door of broker and egress: any bytes on a new connection, in pieces. Every answer is a response of ours, no
// request reaches the handler that breaks a bound, and the connection ends when the peer does. Upgrades become legs,
// which get the rest of the bytes.
#include <boost/asio/co_spawn.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "deeds.hpp"
#include "io/task_scope.hpp"
#include "socket_pair.hpp"
#include "transport/http/connection.hpp"
#include "transport/http/server.hpp"
#include "transport/ws/handshake.hpp"

namespace {

using namespace footbridge;

constexpr std::size_t kMaxPieces = 16;

class Door final : public http::Handler, public PipeEvents {
 public:
  explicit Door(asio::io_context& context)
      : scope_(context.get_executor(), "legs", [](std::exception_ptr) { FB_ASSERT(false); }) {}

  asio::awaitable<http::Response> handle(http::Request request) override {
    FB_ASSERT(request.body.size() <= http::kMaxBodyBytes);
    FB_ASSERT(request.target.reveal_to_socket().size() <= http::kMaxHeadBytes);
    FB_ASSERT(request.method.find_first_of(" \r\n") == std::string::npos);
    ++handled;
    co_return http::Response{.body = std::move(request.body)};
  }
  bool take_upgrade(io::HttpUpgrade& upgrade) override {
    if (!ws::is_leg_request(upgrade.head.reveal_to_socket())) return false;
    scope_.spawn(serve(std::move(upgrade)));
    return true;
  }
  asio::awaitable<void> serve(io::HttpUpgrade upgrade) {
    leg_ = co_await ws::accept(std::move(upgrade), rng_);
    if (leg_) leg_->start(*this);
  }
  void on_open(TimePoint) override {}
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    FB_ASSERT(!batch.empty() && batch.size() <= ws::kMaxBatchMessages);
    for (const auto message : batch) {
      FB_ASSERT(message.size() <= wire::kMaxWsMessageBytes);
      static_cast<void>(leg_->send(message));
    }
    leg_->flush();
  }
  void on_drained(TimePoint) override {}
  void on_closed(TimePoint, PipeEnd) override { FB_ASSERT(!std::exchange(closed_, true)); }
  void hang_up() { leg_.reset(); }

  std::size_t handled = 0;

 private:
  io::TaskScope scope_;
  SeededRng rng_{1};
  std::unique_ptr<ws::Leg> leg_;
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static asio::io_context context(1);
  fuzz::Deeds deeds(as_bytes(data, size));
  Door door(context);
  http::Server server(context.get_executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, door);
  fuzz::SocketPair pair(context);
  auto connection = std::make_unique<http::Connection>(server, io::Accepted{std::move(pair.ours), {}, {}});
  bool over = false;
  asio::co_spawn(context, connection->serve(), [&](std::exception_ptr error) {
    FB_ASSERT(!error);
    over = true;
    connection.reset();  // and with it what would come after its last wait
  });
  for (auto pieces = 1 + deeds.below(kMaxPieces); pieces > 0; --pieces) {
    pair.write(pieces == 1 ? deeds.rest() : deeds.run());
    context.restart();
    context.poll();
    const auto answer = pair.read();
    FB_ASSERT(answer.empty() || door.handled > 0 || as_text(answer).starts_with("HTTP/1.1 ") ||
              as_text(answer).find("websocket") == std::string_view::npos);
  }
  pair.finish();
  context.restart();
  context.poll();
  pair.close();
  door.hang_up();
  context.restart();
  context.run();
  FB_ASSERT(over);
  return 0;
}
