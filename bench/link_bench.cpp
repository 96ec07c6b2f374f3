// How fast a link is and what it costs: link_bench [SECONDS] prints MB/s and CPU seconds per GB of both ends.
// Two processes on loopback, because the SCTP library is one per process: the parent sends, the child receives.
// Compare CPU first: both ends share this machine's cores.
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/webrtc/engine.hpp"

namespace footbridge::webrtc {
namespace {

struct Case {
  const char* name;
  std::size_t message_bytes;
  Reliability reliability;
};
constexpr std::array<Case, 5> kCases{{{"unreliable 1 x F", kChunkPayloadBytes, Reliability::Unreliable},
                                      {"unreliable 4 x F", 4 * kChunkPayloadBytes, Reliability::Unreliable},
                                      {"unreliable 8 x F", 8 * kChunkPayloadBytes, Reliability::Unreliable},
                                      {"reliable 1 x F", kChunkPayloadBytes, Reliability::Reliable},
                                      {"reliable 8 x F", 8 * kChunkPayloadBytes, Reliability::Reliable}}};
constexpr std::size_t kBatchMessages = 64;

struct Received {
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  double cpu_seconds = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

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
  End(int socket, const Case& what, bool sends, std::chrono::milliseconds duration)
      : socket_(socket), case_(what), sends_(sends), duration_(duration), engine_(config()), timer_(io_) {
    const LinkConfig link{.reliability = what.reliability};
    link_ = sends ? engine_.offer(io_.get_executor(), link, *this)
                  : engine_.answer(io_.get_executor(), link, read_description(socket), *this);
    io_.run();
  }
  std::uint64_t sent_messages() const { return sent_; }
  double cpu() const { return cpu_; }

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
    if (sends_ && !link_->accept_answer(read_description(socket_))) std::abort();
  }
  void on_open(TimePoint) override {
    cpu_ = cpu_seconds();
    if (!sends_) return;
    timer_.expires_after(duration_);
    timer_.async_wait([this](auto) {
      cpu_ = cpu_seconds() - cpu_;
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
    received_.cpu_seconds = cpu_seconds() - cpu_;
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
  const Case& case_;
  bool sends_;
  std::chrono::milliseconds duration_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  Engine engine_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Link> link_;
  Bytes message_ = Bytes(case_.message_bytes, std::byte{0x5a});
  std::uint64_t sent_ = 0;
  double cpu_ = 0;
  Received received_;
};

void run(const Case& what, std::chrono::milliseconds duration) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets.data()) != 0) std::abort();
  const auto child = fork();
  if (child == 0) {
    {
      End receiver(sockets[1], what, false, duration);
    }
    _exit(0);
  }
  const End sender(sockets[0], what, true, duration);
  Received received;
  if (read(sockets[0], &received, sizeof received) != sizeof received) std::abort();
  waitpid(child, nullptr, 0);
  close(sockets[0]);
  close(sockets[1]);
  const auto gigabytes = static_cast<double>(received.bytes) / 1e9;
  const auto lost = 1.0 - static_cast<double>(received.messages) / static_cast<double>(sender.sent_messages());
  std::printf("%-18s %7.1f MB/s   CPU s/GB: sender %5.2f  receiver %5.2f   not delivered %.2f %%\n", what.name,
              gigabytes * 1e3 / std::chrono::duration<double>(duration).count(), sender.cpu() / gigabytes,
              received.cpu_seconds / gigabytes, 100 * lost);
}

}  // namespace
}  // namespace footbridge::webrtc

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 2.0;
  for (const auto& one : footbridge::webrtc::kCases)
    footbridge::webrtc::run(one, std::chrono::milliseconds(static_cast<long>(seconds * 1000)));
}
