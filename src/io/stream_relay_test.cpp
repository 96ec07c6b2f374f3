// A relay between a real socket and a stream: what each end sees when the other stalls, finishes, breaks or is silent.
#include "io/stream_relay.hpp"

#include <gtest/gtest.h>

#include "io/session_pair_fixture.hpp"

namespace footbridge::io {
namespace {

// Far more than sockets and windows hold together, so that a writer without a reader waits.
constexpr std::size_t kMuch = 64U << 20;

struct StreamRelayTest : testing::Test {
  SessionPair pair;
  tcp::socket application{pair.context};
  tcp::socket local{pair.context};
  RelayLimits limits;
  std::optional<RelayedBytes> relayed;

  StreamRelayTest() {
    tcp::acceptor acceptor(pair.context, {asio::ip::address_v4::loopback(), 0});
    application.connect(acceptor.local_endpoint());
    acceptor.accept(local);
    pair.dial();
  }
  asio::awaitable<void> start() {
    co_await pair.up.wait();
    pair.scope.spawn(carry(*this, pair.client->open(as_bytes("open"))));
  }
  static asio::awaitable<void> carry(StreamRelayTest& self, std::unique_ptr<SessionStream> stream) {
    self.relayed = co_await relay(self.local, *stream, self.limits);
  }
  asio::awaitable<void> pause(Duration time) {
    asio::steady_timer timer(pair.context, std::chrono::duration_cast<asio::steady_timer::duration>(time));
    co_await timer.async_wait(asio::use_awaitable);
  }
  asio::awaitable<void> until_relayed() {
    while (!relayed) co_await pause(Millis{2});
  }
  // Reads to the end; the error that was the end.
  asio::awaitable<error_code> read_all(Bytes& got) {
    Bytes buffer(kRelayChunkBytes);
    for (;;) {
      const auto [error, count] = co_await application.async_read_some(asio::buffer(buffer), no_throw);
      append(got, ByteView(buffer).first(count));
      if (error) co_return error;
    }
  }
};

asio::awaitable<void> send_much(std::unique_ptr<SessionStream> stream) {
  const Bytes data(kMuch, std::byte{0x5a});
  co_await stream->write(data);
}

// Its pages go back to the pool at once: what the socket has not taken by then must not be read any more.
TEST_F(StreamRelayTest, AResetIsSeenAtOnceByAnApplicationThatDoesNotRead) {
  std::unique_ptr<SessionStream> far;
  pair.serve = [&](std::unique_ptr<SessionStream> stream) -> asio::awaitable<void> {
    far = std::move(stream);
    const Bytes data(kMuch, std::byte{0x5a});
    co_await far->write(data);
  };
  pair.run([](StreamRelayTest& self, std::unique_ptr<SessionStream>& stream) -> asio::awaitable<void> {
    co_await self.start();
    co_await self.pause(Millis{300});  // everything is full
    stream->reset(core::ResetCode::ConnectionReset);
    co_await self.until_relayed();
    Bytes got;
    const auto end = co_await self.read_all(got);
    EXPECT_EQ(end, asio::error::connection_reset);
    for (const auto byte : got) EXPECT_EQ(byte, std::byte{0x5a});
  }(*this, far));
  ASSERT_TRUE(relayed);
  EXPECT_TRUE(relayed->reset);
  far.reset();
}

TEST_F(StreamRelayTest, TheEndOfTheSessionIsSeenAtOnceByAnApplicationThatDoesNotRead) {
  pair.serve = send_much;
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    co_await self.pause(Millis{300});
    self.pair.client->end();
    co_await self.pause(Millis{20});
    self.pair.client.reset();  // its pages are gone
    Bytes got;
    const auto end = co_await self.read_all(got);
    EXPECT_EQ(end, asio::error::connection_reset);
    co_await self.until_relayed();
  }(*this));
  EXPECT_TRUE(relayed);
}

TEST_F(StreamRelayTest, AStalledReaderHoldsNeitherMemoryNorTheOthersUp) {
  pair.serve = send_much;
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    co_await self.pause(Millis{300});
    EXPECT_LE(self.pair.client->session().stats().memory_bytes, core::kMaxStreamWindow + (1U << 20));
    self.pair.serve = SessionPair::echo;
    const auto other = self.pair.client->open(as_bytes("open"));
    EXPECT_EQ(co_await other->readable(), SessionStream::Arrival::Bytes);
    self.application.close();
  }(*this));
}

TEST_F(StreamRelayTest, AConnectionThatBothLeaveOpenInSilenceEndsAfterItsLimit) {
  limits.quiet = Millis{100};
  pair.serve = [](std::unique_ptr<SessionStream> stream) -> asio::awaitable<void> {
    stream->consume(stream->peek().size());
    co_await stream->readable();
  };
  const auto from = now();
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    co_await self.until_relayed();
  }(*this));
  EXPECT_GE(now() - from, Millis{100});
  EXPECT_TRUE(relayed->reset);
}

// The website has got the end of the request and never says another word.
TEST_F(StreamRelayTest, AHalfClosedConnectionEndsWhenTheOtherHalfStaysSilent) {
  limits.stuck = Millis{100};
  pair.serve = [](std::unique_ptr<SessionStream> stream) -> asio::awaitable<void> {
    while (co_await stream->readable() == SessionStream::Arrival::Bytes) stream->consume(stream->peek().size());
    while (co_await stream->writable() && !stream->reset_code()) {
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
  };
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    self.application.shutdown(tcp::socket::shutdown_send);
    co_await self.until_relayed();
  }(*this));
  EXPECT_TRUE(relayed->reset);
}

// An upload that nobody takes: the application has left long ago, but its end stands behind bytes in the kernel.
TEST_F(StreamRelayTest, AnUploadThatNobodyTakesEndsAfterItsLimit) {
  limits.stuck = Millis{200};
  pair.serve = [](std::unique_ptr<SessionStream> stream) -> asio::awaitable<void> {
    while (!stream->reset_code()) {  // does not read
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
  };
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    self.application.non_blocking(true);
    const Bytes data(kMuch);
    co_await self.application.async_write_some(asio::buffer(data), asio::use_awaitable);
    self.application.close();
    co_await self.until_relayed();
  }(*this));
  EXPECT_TRUE(relayed->reset);
}

TEST_F(StreamRelayTest, CarriesAnUploadAndItsAnswerThroughHalfCloses) {
  pair.run([](StreamRelayTest& self) -> asio::awaitable<void> {
    co_await self.start();
    const auto data = SeededRng(3).bytes(4U << 20);
    const auto upload = [](StreamRelayTest& of, const Bytes& what) -> asio::awaitable<void> {
      for (ByteView rest = what; !rest.empty();) {
        const auto count =
            co_await of.application.async_write_some(asio::buffer(rest.data(), rest.size()), asio::use_awaitable);
        rest = rest.subspan(count);
      }
      of.application.shutdown(tcp::socket::shutdown_send);
    };
    self.pair.scope.spawn(upload(self, data));
    Bytes got;
    EXPECT_EQ(co_await self.read_all(got), asio::error::eof);
    auto expected = to_bytes("open");
    append(expected, data);
    EXPECT_TRUE(got == expected);
    co_await self.until_relayed();
  }(*this));
  EXPECT_FALSE(relayed->reset);
  EXPECT_EQ(relayed->to_stream, 4U << 20);
}

}  // namespace
}  // namespace footbridge::io
