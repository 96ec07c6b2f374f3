// A client's and an egress's session over in-memory pipes on one loop: everything between two sockets but the sockets.
#include "io/session_host.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/session_path.hpp"
#include "io/session_stream.hpp"
#include "io/task_scope.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::io {
namespace {

// One end of a pipe; what is flushed arrives at the other end in a later turn.
class MemoryPipe final : public MessagePipe {
 public:
  explicit MemoryPipe(asio::io_context& context) : context_(context) {}
  void connect(MemoryPipe& other, PipeEvents& events) { other_ = &other, events_ = &events; }
  bool send(ByteView message) override { return open_ && (queue_.push_back(to_bytes(message)), true); }
  void flush() override {
    if (queue_.empty()) return;
    asio::post(context_, [other = other_, batch = std::exchange(queue_, {})] { other->deliver(batch); });
  }
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return 65536; }
  void pause_reading(bool) override {}
  void close(PipeEnd end) override {
    if (!std::exchange(open_, false)) return;
    flush();
    asio::post(context_, [this, end] { events_->on_closed(now(), end); });
    asio::post(context_, [other = other_] { other->remote_closed(); });
  }
  void cut() { open_ = false; }  // falls silent without a word

 private:
  void deliver(const std::vector<Bytes>& batch) {
    if (!open_) return;
    const std::vector<ByteView> views(batch.begin(), batch.end());
    events_->on_messages(now(), views);
  }
  void remote_closed() {
    if (std::exchange(open_, false)) events_->on_closed(now(), PipeEnd::Remote);
  }
  asio::io_context& context_;
  MemoryPipe* other_ = nullptr;
  PipeEvents* events_ = nullptr;
  std::vector<Bytes> queue_;
  bool open_ = true;
};

constexpr std::size_t kMemory = 64U << 20;

struct World : SessionHostEvents, SessionPathEvents, core::SessionRegistry {
  asio::io_context context{1};
  crypto::SystemRng rng;
  core::BoundedMemory memory{kMemory};
  quic::Identity identity{quic::Identity::generate().value()};
  std::optional<quic::SpkiPin> pinned;  // nullopt: the egress's own
  TaskScope scope{context.get_executor()};
  std::unique_ptr<SessionHost> client;
  std::unique_ptr<SessionHost> egress;
  SessionId id;
  Private<wire::SessionToken> token;
  std::vector<PathOver> overs;
  std::vector<core::EndReason> ends;
  bool is_client_up = false;
  Wakeup up{context.get_executor()};

  struct Pair {
    std::unique_ptr<MemoryPipe> near, far;
    std::unique_ptr<SessionPath> client, egress;
  };
  std::vector<Pair> pairs;

  void dial(std::optional<core::SessionGrant> grant = std::nullopt) {
    auto executor = context.get_executor();
    const auto match = MatchId::random(rng);
    Pair pair{std::make_unique<MemoryPipe>(context), std::make_unique<MemoryPipe>(context), nullptr, nullptr};
    pair.client = std::make_unique<SessionPath>(
        executor, quic::ClientConfig{pinned.value_or(identity.pin()), {}},
        core::ClientPathHandshake(now(), rng, match, core::SessionConfig{}.limits, std::move(grant)), rng, *this);
    pair.egress = std::make_unique<SessionPath>(executor, quic::ServerConfig{identity, {}},
                                                core::EgressPathHandshake(now(), rng, *this, match), rng, *this);
    pair.near->connect(*pair.far, *pair.client);
    pair.far->connect(*pair.near, *pair.egress);
    pair.client->attach_pipe(*pair.near);
    pair.egress->attach_pipe(*pair.far);
    pair.egress->on_open(now());
    pair.client->on_open(now());
    pairs.push_back(std::move(pair));
  }

  Answer create(TimePoint, const wire::Hello& hello) override {
    core::SessionConfig config;
    config.peer_limits = hello.limits;
    egress = std::make_unique<SessionHost>(context.get_executor(), core::Session::Role::Egress, config, rng, memory, *this);
    id = SessionId::random(rng);
    token = Private<wire::SessionToken>(rng.array<wire::kTokenBytes>());
    return grant();
  }
  Answer join(TimePoint, const wire::Join&) override { return grant(); }
  wire::Ok grant() const { return {1, 0, id, token, 120, core::SessionConfig{}.limits}; }

  void on_path_ready(TimePoint now, SessionPath& path) override {
    if (path.egress_handshake() != nullptr) return path.attach(now, *egress);
    if (!client) {
      core::SessionConfig config;
      config.peer_limits = path.client_handshake()->granted()->limits;
      client = std::make_unique<SessionHost>(context.get_executor(), core::Session::Role::Client, config, rng, memory, *this);
    }
    path.attach(now, *client);
    is_client_up = true;
    up.notify();
  }
  void on_path_over(TimePoint, SessionPath&, const PathOver& over) override { overs.push_back(over); }

  // The egress echoes every stream.
  asio::awaitable<void> echo(std::unique_ptr<SessionStream> stream) {
    for (;;) {
      const auto arrival = co_await stream->readable();
      if (arrival != SessionStream::Arrival::Bytes) break;
      const auto bytes = to_bytes(stream->peek());
      stream->consume(bytes.size());
      if (!co_await stream->write(bytes)) co_return;
    }
    stream->finish();
  }
  void on_stream_opened(core::StreamId stream) override { scope.spawn(echo(egress->accept(stream))); }
  void on_go_away(Duration) override {}
  void on_session_ended(core::EndReason reason) override { ends.push_back(reason); }

  void run(asio::awaitable<void> test) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(context, with_deadline(Seconds{20}, std::move(test)), [&](std::exception_ptr error, bool in_time) {
      failure = error;
      done = in_time;
      context.stop();
    });
    context.run();
    context.restart();
    scope.cancel();
    context.poll();
    if (failure) std::rethrow_exception(failure);
    EXPECT_TRUE(done) << "the test did not end in time";
  }
};

Bytes pattern(std::size_t count) {
  SeededRng rng(7);
  return rng.bytes(count);
}

asio::awaitable<void> send_all(SessionStream& stream, const Bytes& data) {
  EXPECT_TRUE(co_await stream.write(data));
  stream.finish();
}

asio::awaitable<Bytes> read_all(SessionStream& stream) {
  Bytes got;
  while (co_await stream.readable() == SessionStream::Arrival::Bytes) {
    append(got, stream.peek());
    stream.consume(stream.peek().size());
  }
  co_return got;
}

asio::awaitable<void> echo_test(World& world, std::size_t count) {
  co_await world.up.wait();
  const auto data = pattern(count);
  auto stream = world.client->open(as_bytes(""));
  EXPECT_TRUE(stream);
  world.scope.spawn(send_all(*stream, data));
  const auto got = co_await read_all(*stream);
  EXPECT_EQ(got.size(), data.size());
  EXPECT_TRUE(got == data) << "bytes changed on the way";
}

TEST(SessionHost, CarriesAStreamBothWaysToItsEnd) {
  World world;
  world.dial();
  world.run(echo_test(world, 20U << 20));
  EXPECT_TRUE(world.overs.empty());
}

asio::awaitable<void> survive_test(World& world) {
  co_await world.up.wait();
  const auto data = pattern(8U << 20);
  auto stream = world.client->open(as_bytes(""));
  world.scope.spawn(send_all(*stream, data));
  Bytes got;
  bool cut = false;
  while (co_await stream->readable() == SessionStream::Arrival::Bytes) {
    append(got, stream->peek());
    stream->consume(stream->peek().size());
    if (!cut && got.size() > (1U << 20)) {
      cut = true;
      auto& first = world.pairs.front();
      first.near->cut();
      first.far->cut();
      first.client.reset();  // its bytes go back to the queue, at both ends
      first.egress.reset();
      world.dial(core::SessionGrant{world.id, world.token});
    }
  }
  EXPECT_TRUE(got == data) << "bytes changed on the way";
}

TEST(SessionHost, LosesNoByteWhenItsPathDiesAndAnotherJoins) {
  World world;
  world.dial();
  world.run(survive_test(world));
  EXPECT_EQ(world.pairs.size(), 2U);
}

asio::awaitable<void> end_test(World& world) {
  co_await world.up.wait();
  auto stream = world.client->open(as_bytes(""));
  world.client->end();
  EXPECT_EQ(co_await stream->readable(), SessionStream::Arrival::Reset);
  EXPECT_FALSE(co_await stream->write(as_bytes("late")));
  asio::steady_timer wait(world.context);
  while (world.overs.size() < 2) {
    wait.expires_after(Millis{1});
    co_await wait.async_wait(asio::use_awaitable);
  }
}

TEST(SessionHost, TellsStreamsAndPathsWhenTheSessionEnds) {
  World world;
  world.dial();
  world.run(end_test(world));
  ASSERT_EQ(world.overs.size(), 2U);
  EXPECT_TRUE(world.overs[0].was_carrying);
}

TEST(SessionHost, RefusesAnEgressWithAnotherKey) {
  World world;
  world.pinned = quic::Identity::generate().value().pin();
  world.dial();
  world.context.run_for(Seconds{2});
  EXPECT_FALSE(world.is_client_up);
  ASSERT_FALSE(world.overs.empty());
  bool wrong_pin = false;
  for (const auto& over : world.overs) wrong_pin |= over.end.quic.kind == quic::CloseKind::WrongPin;
  EXPECT_TRUE(wrong_pin);
}

}  // namespace
}  // namespace footbridge::io
