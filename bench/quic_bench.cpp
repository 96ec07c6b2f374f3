// CPU of both ends of a path together, in seconds per GB (10^9 payload bytes), for each packet size. In memory, on
// virtual time: QUIC, TLS, fillers and the path's own work, no sockets and no session.
//   quic_bench [megabytes, default 200]
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

#include "quic/test_world.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::quic;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(std::size_t packet_bytes, std::uint64_t payload_bytes) {
  TestWorld world;
  world.keep_messages = false;
  world.client.keep_datagrams = world.egress.keep_datagrams = false;
  world.delay = Millis{5};
  world.client.rate_bytes_per_second = 1'000'000'000;
  world.open({.max_packet_bytes = packet_bytes, .fillers = true});
  world.run(Seconds{1});
  world.client.to_send = payload_bytes / datagram_bytes(packet_bytes);
  const auto virtual_start = world.now;
  const auto start = cpu_seconds();
  world.client.path->wake(world.now);
  const bool done = world.run_while(Seconds{3600}, [&] { return world.client.to_send > 0; });
  const auto cpu = cpu_seconds() - start;
  const auto gigabytes = static_cast<double>(world.egress.datagram_bytes) * 1e-9;
  const std::chrono::duration<double> took = world.now - virtual_start;
  std::printf("%5zu B  %.2f CPU s/GB  %llu packets  %.0f MB/s of virtual time%s\n", packet_bytes, cpu / gigabytes,
              static_cast<unsigned long long>(world.client.path->counters().packets_out),
              gigabytes * 1000 / took.count(), done ? "" : "  (not finished)");
}

}  // namespace

int main(int argc, char** argv) {
  const auto megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  for (const auto packet_bytes : core::kPacketRungs) measure(packet_bytes, megabytes * 1'000'000);
  return 0;
}
