// How fast a link is and what it costs, per message size and reliability. Two processes on loopback, because the SCTP
// library is one per process: the parent sends, the child receives. Compare CPU first: both share this machine's cores.
//   sender_cpu_s_per_gb, receiver_cpu_s_per_gb     of 10^9 bytes that arrived
//   sender_allocs_per_packet, receiver_allocs_per_packet
//   mb_per_s, not_delivered                        the latter counts what was still under way at the end, too
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "part.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::size_t kBatchMessages = 64;
constexpr Millis kDuration{400};  // of one iteration

// What a process has used between the opening and the end of a link.
struct Usage {
  double cpu_seconds = 0;
  double allocations = 0;
  static Usage now() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return {static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9,
            static_cast<double>(bench::allocations())};
  }
  Usage since(const Usage& before) const {
    return {cpu_seconds - before.cpu_seconds, allocations - before.allocations};
  }
};

struct Received {
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  Usage usage;
};

void write_all(int socket, const void* data, std::size_t bytes) {
  if (write(socket, data, bytes) != static_cast<ssize_t>(bytes)) std::abort();
}
Private<std::string> read_description(int socket) {
  std::array<char, 16'384> buffer{};
  const auto count = read(socket, buffer.data(), buffer.size());
  return Private(std::string(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))));
}

class End final : public LinkEvents {
 public:
  End(int socket, std::size_t message_bytes, Reliability reliability, bool sends)
      : socket_(socket), sends_(sends), engine_(config()), timer_(io_), message_(message_bytes, std::byte{0x5a}) {
    const LinkConfig link{.reliability = reliability};
    link_ = sends ? engine_.offer(io_.get_executor(), link, *this)
                  : engine_.answer(io_.get_executor(), link, read_description(socket), *this);
    io_.run();
  }
  std::uint64_t sent_messages() const { return sent_; }
  const Usage& usage() const { return usage_; }

 private:
  static EngineConfig config() {
    EngineConfig out;
    out.allow_private_candidates = true;
    out.local_addresses = {*IpAddress::parse("127.0.0.1")};
    return out;
  }
  void on_local_description(TimePoint, Private<std::string> sdp) override {
    const auto& text = sdp.reveal_to_socket();
    write_all(socket_, text.data(), text.size());
    if (sends_ && !link_->accept_answer(read_description(socket_), LinkKind::DataChannel)) std::abort();
  }
  void on_open(TimePoint) override {
    usage_ = Usage::now();
    if (!sends_) return;
    timer_.expires_after(std::chrono::milliseconds(kDuration.count()));
    timer_.async_wait([this](auto) {
      usage_ = Usage::now().since(usage_);
      link_->close(PipeEnd::Local);
    });
    fill();
  }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    for (const auto message : batch) received_.bytes += message.size();
    received_.messages += batch.size();
  }
  void on_drained(TimePoint) override { fill(); }
  void on_closed(TimePoint, PipeEnd) override {
    received_.usage = Usage::now().since(usage_);
    if (!sends_) write_all(socket_, &received_, sizeof received_);
    work_.reset();
    io_.stop();
  }
  void fill() {
    while (link_->backlog_bytes() == 0) {
      for (std::size_t i = 0; i < kBatchMessages && link_->backlog_bytes() == 0; ++i) {
        if (!link_->send(message_)) return;
        ++sent_;
      }
      link_->flush();
    }
    link_->flush();
  }

  int socket_;
  bool sends_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  Engine engine_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Link> link_;
  Bytes message_;
  std::uint64_t sent_ = 0;
  Usage usage_;
  Received received_;
};

struct Outcome {
  Usage sender;
  std::uint64_t sent = 0;
  Received received;
};

Outcome run(std::size_t message_bytes, Reliability reliability) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets.data()) != 0) std::abort();
  const auto child = fork();
  if (child == 0) {
    {
      End receiver(sockets[1], message_bytes, reliability, false);
    }
    _exit(0);
  }
  const End sender(sockets[0], message_bytes, reliability, true);
  Outcome out{sender.usage(), sender.sent_messages(), {}};
  if (read(sockets[0], &out.received, sizeof out.received) != sizeof out.received) std::abort();
  waitpid(child, nullptr, 0);
  for (const auto socket : sockets) close(socket);
  return out;
}

void link(benchmark::State& state, Reliability reliability) {
  const auto message_bytes = static_cast<std::size_t>(state.range(0));
  Outcome out;
  for (auto _ : state) out = run(message_bytes, reliability);
  const auto gigabytes = static_cast<double>(out.received.bytes) / 1e9;
  const auto messages = static_cast<double>(out.received.messages);
  state.counters["mb_per_s"] = gigabytes * 1e3 / std::chrono::duration<double>(kDuration).count();
  state.counters["sender_cpu_s_per_gb"] = out.sender.cpu_seconds / gigabytes;
  state.counters["receiver_cpu_s_per_gb"] = out.received.usage.cpu_seconds / gigabytes;
  state.counters["sender_allocs_per_packet"] = out.sender.allocations / messages;
  state.counters["receiver_allocs_per_packet"] = out.received.usage.allocations / messages;
  state.counters["not_delivered"] = 1 - messages / static_cast<double>(out.sent);
}
// One iteration is a whole life of a link; more of them come as repetitions.
BENCHMARK_CAPTURE(link, unreliable, Reliability::Unreliable)
    ->Arg(kChunkPayloadBytes)
    ->Arg(4 * kChunkPayloadBytes)
    ->Arg(8 * kChunkPayloadBytes)
    ->Iterations(1);
BENCHMARK_CAPTURE(link, reliable, Reliability::Reliable)
    ->Arg(kChunkPayloadBytes)
    ->Arg(8 * kChunkPayloadBytes)
    ->Iterations(1);

}  // namespace
}  // namespace footbridge::webrtc

BENCHMARK_MAIN();
