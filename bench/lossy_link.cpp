// What one path carries over a line with loss: real QUIC with BBR at both ends of a real link, and between them a line
// of 50 Mbit/s, 40 ms there and back, a queue of 256 KiB and 1 % loss each way.
//
//   lossy_link native|data-channel SECONDS SEED    prints Mbit/s of datagrams that arrived, start included
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "crypto/system_rng.hpp"
#include "io/deadline_timer.hpp"
#include "quic/identity.hpp"
#include "quic/path.hpp"
#include "transport/webrtc/lossy_line.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::uint64_t kBytesPerSecond = 50'000'000 / 8;
constexpr std::size_t kHeaderBytes = 28;  // IPv4 and UDP

sim::LinkWeather weather() {
  return {.delay = Millis{20},
          .loss = 0.01,
          .bytes_per_second = kBytesPerSecond,
          .queue_bytes = 256 * 1024,
          .overhead_bytes = kHeaderBytes};
}

// A QUIC path's end on a link's end. `sends`: as many datagrams as the path takes, each full.
class End final : public LinkEvents, public quic::PathUser, public core::DatagramSource {
 public:
  End(boost::asio::io_context& io, bool sends)
      : sends_(sends), timer_(io.get_executor(), [this](TimePoint now) {
          path->on_deadline(now);
          settle();
        }) {}

  std::unique_ptr<Link> link;
  std::unique_ptr<quic::Path> path;
  std::optional<Private<std::string>> description;
  std::optional<TimePoint> established_at;
  std::uint64_t arrived_bytes = 0;
  bool closed = false;
  crypto::SystemRng rng;

 private:
  void settle() { timer_.arm(path->deadline()); }

  void on_local_description(TimePoint, Private<std::string> sdp) override { description = std::move(sdp); }
  void on_open(TimePoint now) override {
    path->attach(*link);
    path->on_open(now);
    settle();
  }
  void on_messages(TimePoint now, std::span<const ByteView> batch) override {
    path->on_messages(now, batch);
    settle();
  }
  void on_drained(TimePoint now) override {
    path->on_drained(now);
    settle();
  }
  void on_closed(TimePoint now, PipeEnd end) override {
    closed = true;
    path->on_closed(now, end);
  }

  void on_path_established(TimePoint now) override { established_at = now; }
  void on_path_control(TimePoint, ByteView, bool) override {}
  void on_path_datagram(TimePoint, ByteView payload) override { arrived_bytes += payload.size(); }
  void on_path_fate(TimePoint, core::DatagramId, core::DatagramFate) override {}
  void on_path_closed(TimePoint, const quic::PathEnd&) override { closed = true; }

  std::optional<Pulled> pull(TimePoint, ByteSpan out) override {
    if (!sends_) return std::nullopt;
    return Pulled{++last_id_, out.size()};
  }

  bool sends_;
  core::DatagramId last_id_ = 0;
  io::DeadlineTimer timer_;
};

bool connect(Engine& engine, boost::asio::io_context& io, LossyLine& line, LinkKind kind, End& client, End& egress) {
  const LinkConfig config{.best = kind};
  client.link = engine.offer(io.get_executor(), config, client);
  if (!run_until(io, [&] { return client.description.has_value(); })) return false;
  egress.link = engine.answer(io.get_executor(), config, line.lead_through(0, *client.description), egress);
  if (!run_until(io, [&] { return egress.description.has_value(); })) return false;
  if (!client.link->accept_answer(line.lead_through(1, *egress.description), kind)) return false;
  return run_until(io, [&] { return client.established_at.has_value(); }) && client.link->info().kind == kind;
}

int run(LinkKind kind, Duration time, std::uint64_t seed) {
  boost::asio::io_context io{1};
  const auto work = boost::asio::make_work_guard(io);
  const auto identity = quic::Identity::generate();
  Engine engine(loopback_config());
  LossyLine line(io, weather(), seed);
  End client(io, false);
  End egress(io, true);
  quic::ClientConfig trusting;
  trusting.pin = identity.value().pin();
  client.path = std::make_unique<quic::Path>(trusting, quic::PathOptions{}, client.rng, client, client);
  egress.path = std::make_unique<quic::Path>(quic::ServerConfig{identity.value(), {}}, quic::PathOptions{}, egress.rng,
                                             egress, egress);
  if (!connect(engine, io, line, kind, client, egress)) return EXIT_FAILURE;
  io.run_for(time);
  if (client.closed || egress.closed) return EXIT_FAILURE;
  const auto seconds = std::chrono::duration<double>(time).count();
  std::printf("%.2f\n", static_cast<double>(client.arrived_bytes) * 8 / 1e6 / seconds);
  client.link.reset();
  egress.link.reset();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace footbridge::webrtc

int main(int count, char** words) {
  using namespace footbridge;
  if (count != 4) return std::fputs("lossy_link native|data-channel SECONDS SEED\n", stderr), EXIT_FAILURE;
  const auto kind = std::string(words[1]) == "native" ? webrtc::LinkKind::Native : webrtc::LinkKind::DataChannel;
  return webrtc::run(kind, Seconds(std::atoi(words[2])), static_cast<std::uint64_t>(std::atoi(words[3])));
}
