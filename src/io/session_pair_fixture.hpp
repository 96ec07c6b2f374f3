// For tests: a client's and an egress's session over in-memory pipes on one loop: everything between two sockets but
// the sockets. Threads: one.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <utility>
#include <vector>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/session_host.hpp"
#include "io/session_path.hpp"
#include "io/session_stream.hpp"
#include "io/test_scope.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::io {

// One end of a pipe; what is flushed arrives at the other end in a later turn.
class MemoryPipe final : public MessagePipe {
 public:
  explicit MemoryPipe(asio::io_context& context) : context_(context) {}
  void connect(MemoryPipe& other, PipeEvents& events) { other_ = &other, events_ = &events; }
  bool send(ByteView message) override {
    if (open_ && ++sent_ != lost) queue_.push_back(to_bytes(message));
    return open_;
  }
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
  std::size_t lost = 0;          // this message of those sent, counted from 1, does not arrive

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
  std::size_t sent_ = 0;
  bool open_ = true;
};

struct SessionPair : SessionHostEvents, SessionPathEvents, core::SessionRegistry {
  asio::io_context context{1};
  crypto::SystemRng rng;
  core::BoundedMemory memory{64U << 20};
  quic::Identity identity{quic::Identity::generate().value()};
  std::optional<quic::SpkiPin> pinned;  // nullopt: the egress's own
  TestScope scope{context.get_executor()};
  std::unique_ptr<SessionHost> client;
  std::unique_ptr<SessionHost> egress;
  SessionId id;
  Private<wire::SessionToken> token;
  std::vector<PathOver> overs;
  std::vector<std::pair<SessionPath*, bool>> silences;
  std::vector<core::EndReason> ends;
  bool is_client_up = false;
  Wakeup up{context.get_executor()};
  // What the egress does with a stream.
  std::function<asio::awaitable<void>(std::unique_ptr<SessionStream>)> serve = echo;

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
    egress =
        std::make_unique<SessionHost>(context.get_executor(), core::Session::Role::Egress, config, rng, memory, *this);
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
      client = std::make_unique<SessionHost>(context.get_executor(), core::Session::Role::Client, config, rng, memory,
                                             *this);
    }
    path.attach(now, *client);
    is_client_up = true;
    up.notify();
  }
  void on_path_silence(TimePoint, SessionPath& path, bool silent) override { silences.emplace_back(&path, silent); }
  void on_path_over(TimePoint, SessionPath&, const PathOver& over) override { overs.push_back(over); }

  static asio::awaitable<void> echo(std::unique_ptr<SessionStream> stream) {
    for (;;) {
      const auto arrival = co_await stream->readable();
      if (arrival != SessionStream::Arrival::Bytes) break;
      const auto bytes = to_bytes(stream->peek());
      stream->consume(bytes.size());
      if (!co_await stream->write(bytes)) co_return;
    }
    stream->finish();
  }
  void on_stream_opened(core::StreamId stream) override { scope.spawn(serve(egress->accept(stream))); }
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
    asio::post(context, [this] { scope.cancel(); });  // never from outside the loop, see task_scope.hpp
    context.poll();
    if (failure) std::rethrow_exception(failure);
    EXPECT_TRUE(done) << "the test did not end in time";
  }
};

}  // namespace footbridge::io
